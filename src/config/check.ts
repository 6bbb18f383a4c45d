/**
 * Checks a whole jobs file: syntax, shapes, then what ties keys together; and resolves it when nothing is wrong.
 * Each stage goes on with whatever the one before could make sense of, so that every mistake is found at once.
 */
import type { Node } from 'jsonc-parser';
import { checkDependencies } from './dependencies.ts';
import type { Diagnostic } from './diagnostic.ts';
import { NAME_EXPECTED } from './fields.ts';
import { type CheckedFile, readFile } from './file.ts';
import { rememberAnswers } from './filesystem.ts';
import type { CheckInput, ConfigResult } from './input.ts';
import { checkJobs } from './jobs.ts';
import { isValidName } from './name.ts';
import { createReport, mistake, type Report } from './report.ts';
import { resolveFile } from './resolve.ts';
import { createSource, diagnosticAt } from './source.ts';
import { parseText, reportSyntax } from './syntax.ts';
import { warnAboutUnsupported } from './unsupported.ts';

/** The resolved file, or everything that is wrong with it in the order of the file. */
export function check(input: CheckInput): ConfigResult {
  const parsed = parseText(input.text);
  const report = createReport(createSource(input.file, input.text, parsed.isTrustworthy));
  reportBytes(report, input);
  if (input.options.nameOverride !== undefined && !isValidName(input.options.nameOverride)) {
    const place = { offset: 0, length: 1, path: ['name'] };
    mistake(
      report,
      place,
      NAME_EXPECTED,
      `${JSON.stringify(input.options.nameOverride)}, given beside the file`,
    );
  }
  const root = isBinary(input) ? undefined : reportSyntax(report, parsed);
  const file = root === undefined ? null : checkContent(report, root, input);
  const { errors, warnings } = diagnosticsOf(report);
  if (errors.length > 0 || file === null) return { ok: false, errors, warnings };
  return { ok: true, config: resolveFile(file, input), warnings };
}

function reportBytes(report: Report, input: CheckInput): void {
  for (const offset of isBinary(input) ? input.invalidBytesAt.slice(0, 1) : input.invalidBytesAt) {
    mistake(report, { offset, length: 1, path: [] }, 'UTF-8', 'bytes that are none');
  }
}

/** A program, a picture or UTF-16: one mistake, instead of thousands about its bytes read as JSON. */
function isBinary(input: CheckInput): boolean {
  return input.invalidBytesAt.length > 0 && input.text.includes('\0');
}

function checkContent(report: Report, root: Node, input: CheckInput): CheckedFile | null {
  const file = readFile(report, root);
  if (file === null) return null;
  checkJobs(report, file, { ...input, filesystem: rememberAnswers(input.filesystem) });
  checkDependencies(report, file);
  warnAboutUnsupported(report, file);
  return file;
}

function diagnosticsOf(report: Report): { errors: Diagnostic[]; warnings: Diagnostic[] } {
  const findings = [...report.findings.values()].sort((left, right) => left.offset - right.offset);
  const last = findings[findings.length - 1];
  if (last !== undefined && report.omitted > 0) {
    findings.push({
      ...last,
      path: '',
      severity: 'error',
      message: `${report.omitted} more mistakes are not listed`,
    });
  }
  const diagnostics = findings.map((finding) => diagnosticAt(report.source, finding));
  return {
    errors: diagnostics.filter((diagnostic) => diagnostic.severity === 'error'),
    warnings: diagnostics.filter((diagnostic) => diagnostic.severity === 'warning'),
  };
}
