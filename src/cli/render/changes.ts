/** What starting a file has changed, in sentences. */
import type { ApplyResult } from '../../wire/api.ts';
import { countText, listText } from './format.ts';

const HOW = {
  restarted: 'its process starts anew',
  'in-place': 'in place, its process goes on',
  'at-rest': 'for its next start',
} as const satisfies Record<ApplyResult['changed'][number]['how'], string>;

/** One line a kind of change; a single one when nothing differs. */
export function renderChanges(name: string, result: ApplyResult): string {
  const { added, changed, removed, unchanged, settings } = result;
  const lines: string[] = [];
  if (added.length > 0) lines.push(`added: ${listText(added)}`);
  for (const { name: job, how } of changed) lines.push(`changed: ${job} (${HOW[how]})`);
  if (removed.length > 0) lines.push(`removed: ${listText(removed)}`);
  if (settings.length > 0) lines.push(`settings changed: ${listText(settings)}`);
  if (unchanged.length > 0) lines.push(`left alone: ${listText(unchanged)}`);
  const isSame = added.length + changed.length + removed.length + settings.length === 0;
  const head = isSame
    ? `${name} is running already and its file has not changed: ${countText(unchanged.length, 'job')} left alone`
    : `${name} is running already; what differs was applied`;
  const kept = result.environmentKept
    ? ['This supervisor was started with another environment; inherited variables stay as they were then.']
    : [];
  return [head, ...(isSame ? [] : lines.map((line) => `  ${line}`)), ...kept].join('\n');
}

/** Commands worth trying next. */
export function renderNextSteps(job: string | undefined, nameOption: string): string {
  const steps = [
    ['supervise status --watch', 'the table, live'],
    [`supervise logs -f${job === undefined ? '' : ` ${job}`}`, 'what it writes'],
    [`supervise explain ${job ?? 'JOB'}`, 'why it is where it is'],
    ['supervise stop', 'ends the jobs and the supervisor'],
  ].map(([command = '', purpose = '']) => [`${command}${nameOption}`, purpose] as const);
  const width = Math.max(...steps.map(([command]) => command.length));
  return ['Next:', ...steps.map(([command, purpose]) => `  ${command.padEnd(width)}  ${purpose}`)].join('\n');
}
