/**
 * Warns about what a file may say but this version does not act on, and about settings that work badly. When a
 * behaviour arrives, its line here goes; nothing else has to know.
 */
import { LIMITS } from '../core/limits.ts';
import type { CheckedFile } from './file.ts';
import { durationText } from './quantity.ts';
import { keyPlace, type Report, valuePlace, warning } from './report.ts';
import { type Entry, entriesOf, entryOf } from './tree.ts';

const MESSAGE = 'is accepted, but this version does not act on it yet';

const JOB_KEYS: ReadonlySet<string> = new Set(['health', 'bulkhead', 'limits', 'nice', 'weight']);

/** One warning a place. */
export function warnAboutUnsupported(report: Report, file: CheckedFile): void {
  const ignored = [
    entryOf(file.root, [], 'bulkheads'),
    nestedEntry(file, 'memory', 'budget'),
    blockingEntry(file),
    ...(file.defaults === null
      ? []
      : entriesOf(file.defaults.node, file.defaults.path).filter(isIgnoredInJob)),
    ...file.jobs.flatMap((job) => entriesOf(job.node, job.path).filter(isIgnoredInJob)),
  ];
  for (const entry of ignored) {
    if (entry !== undefined) warning(report, keyPlace(entry), MESSAGE);
  }
  warnAboutQuantum(report, file);
}

function isIgnoredInJob(entry: Entry): boolean {
  return JOB_KEYS.has(entry.key) || (entry.key === 'ready' && entry.node.type === 'object');
}

function blockingEntry(file: CheckedFile): Entry | undefined {
  const entry = nestedEntry(file, 'schedule', 'blocking');
  return entry?.node.value === 'yield' ? entry : undefined;
}

function nestedEntry(file: CheckedFile, outer: string, inner: string): Entry | undefined {
  return entryOf(entryOf(file.root, [], outer)?.node, [outer], inner);
}

function warnAboutQuantum(report: Report, file: CheckedFile): void {
  const quantumMs = file.schedule?.quantum;
  const entry = nestedEntry(file, 'schedule', 'quantum');
  if (entry === undefined || quantumMs === undefined || quantumMs >= LIMITS.quantumWarnMs) return;
  const least = durationText(LIMITS.quantumWarnMs);
  const message = `below ${least} much of the CPU goes into handing slots over`;
  warning(report, valuePlace(entry.node, entry.path), message);
}
