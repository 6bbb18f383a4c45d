/**
 * The status table: what a person wants to know of every job at a glance, within the width of the terminal. Only
 * ASCII names can occur, so a character is a column; nothing here loads a width library.
 */
import type { JobStatus } from '../../core/views/status.ts';
import type { RelayStatus, Status, SupervisorStatus } from '../../wire/api.ts';
import type { Colors } from './colors.ts';
import {
  bytesText,
  type Column,
  columnWidth,
  cut,
  durationText,
  percentText,
  settingText,
  tableLines,
  tableWidth,
  UNKNOWN,
} from './format.ts';
import { visibleOnOneLine } from './visible.ts';
import { paintPhase, whyWords } from './words.ts';

type Job = JobStatus & RelayStatus;

interface Cell {
  readonly key: ColumnKey;
  readonly title: string;
  readonly align: Column['align'];
  readonly full: (job: Job) => string;
  /** What is left of it when there is no room. */
  readonly short?: (job: Job) => string;
}

type ColumnKey =
  | 'name'
  | 'phase'
  | 'pid'
  | 'cpu'
  | 'memory'
  | 'restarts'
  | 'slices'
  | 'progress'
  | 'mailbox'
  | 'why';

/** What is given up, in this order, until the table fits. */
const CONCESSIONS: readonly {
  readonly key: ColumnKey;
  readonly drop: 'if-unknown' | 'shorten' | 'always';
}[] = [
  { key: 'progress', drop: 'if-unknown' },
  { key: 'restarts', drop: 'shorten' },
  { key: 'mailbox', drop: 'shorten' },
  { key: 'slices', drop: 'shorten' },
  { key: 'mailbox', drop: 'always' },
  { key: 'progress', drop: 'shorten' },
  { key: 'slices', drop: 'always' },
  { key: 'progress', drop: 'always' },
  { key: 'pid', drop: 'always' },
  { key: 'memory', drop: 'shorten' },
  { key: 'cpu', drop: 'always' },
  { key: 'restarts', drop: 'always' },
  { key: 'memory', drop: 'always' },
];

const WHY_MIN_WIDTH = 20;
const NAME_MIN_WIDTH = 8;

const CELLS: readonly Cell[] = [
  { key: 'name', title: 'NAME', align: 'left', full: (job) => job.name },
  { key: 'phase', title: 'PHASE', align: 'left', full: (job) => job.phase },
  { key: 'pid', title: 'PID', align: 'right', full: (job) => (job.pid === null ? UNKNOWN : String(job.pid)) },
  { key: 'cpu', title: 'CPU', align: 'right', full: (job) => percentText(job.cpu.percent) },
  {
    key: 'memory',
    title: 'MEMORY',
    align: 'right',
    full: memoryText,
    short: (job) => bytesText(job.memory.rssBytes),
  },
  {
    key: 'restarts',
    title: 'RESTARTS',
    align: 'right',
    full: restartsText,
    short: (job) => String(job.restarts.total),
  },
  {
    key: 'slices',
    title: 'SLICES/TIME',
    align: 'right',
    full: (job) => `${job.slices}/${durationText(job.time.runningMs)}`,
    short: (job) => String(job.slices),
  },
  { key: 'progress', title: 'PROGRESS', align: 'right', full: progressText, short: progressShort },
  {
    key: 'mailbox',
    title: 'MAILBOX',
    align: 'right',
    full: (job) => `${job.mailbox.depth}/${job.mailbox.capacity}`,
    short: (job) => String(job.mailbox.depth),
  },
  { key: 'why', title: 'WHY', align: 'left', full: whyWords },
];

const SHORT_TITLES: Readonly<Partial<Record<ColumnKey, string>>> = { slices: 'SLICES' };

/** The whole screen of `status`: a head line, notices, the table; no newline at its end. */
export function renderStatus(status: Status, width: number, colors: Colors): string {
  const head = headLines(status, width, colors);
  if (status.jobs.length === 0) return [...head, 'no jobs'].join('\n');
  const columns = fitted(status.jobs, width, colors);
  return [...head, '', ...tableLines(columns, colors.dim)].join('\n');
}

function headLines(status: Status, width: number, colors: Colors): string[] {
  const { supervisor } = status;
  const used = status.jobs.filter((job) => job.slot !== null).length;
  const facts = [
    `${supervisor.policy}, quantum ${settingText(supervisor.quantumMs)}`,
    `slots ${used}/${supervisor.workers}`,
    `daemon ${percentText(supervisor.cpuPercent)} ${bytesText(supervisor.rssBytes)}`,
    `up ${durationText(supervisor.uptimeMs)}`,
  ];
  const name = cut(supervisor.name, width - 1);
  const [first = '', ...rest] = wrapped(`${name}:`, facts, width);
  const painted = colors.bold(name) + first.slice(name.length);
  return [painted, ...rest, ...notices(supervisor).map((notice) => colors.yellow(notice))];
}

function wrapped(start: string, facts: readonly string[], width: number): string[] {
  const lines = [start];
  for (const fact of facts) {
    const line = lines.at(-1) ?? '';
    const joined = `${line}${line === start ? ' ' : ' · '}${fact}`;
    if (joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(`  ${fact}`);
  }
  return lines;
}

function notices(supervisor: SupervisorStatus): string[] {
  const degraded = supervisor.degraded.map(
    ({ reason, sinceMs }) =>
      `degraded: ${visibleOnOneLine(reason)} for ${durationText(supervisor.uptimeMs - sinceMs)}`,
  );
  return supervisor.stopping ? ['stopping: the jobs are being ended', ...degraded] : degraded;
}

function fitted(jobs: readonly Job[], width: number, colors: Colors): Column[] {
  const columns = new Map<ColumnKey, Column>(CELLS.map((cell) => [cell.key, columnOf(cell, jobs, colors)]));
  const fits = () =>
    tableWidth([...columns.values()].filter((column) => column.title !== 'WHY')) + whyWidth() <= width;
  const whyWidth = () => Math.min(columnWidth(columns.get('why') ?? emptyColumn), WHY_MIN_WIDTH) + 2;
  for (const { key, drop } of CONCESSIONS) {
    if (fits()) break;
    concede(columns, key, drop, jobs);
  }
  if (!fits()) shortenNames(columns, width - whyWidth());
  const others = tableWidth([...columns.values()].filter((column) => column.title !== 'WHY'));
  const room = Math.max(4, width - others - 2);
  return [...columns.values()].map((column) =>
    column.title === 'WHY' ? { ...column, cells: column.cells.map((cell) => cut(cell, room)) } : column,
  );
}

const emptyColumn: Column = { title: '', cells: [], align: 'left' };

function concede(
  columns: Map<ColumnKey, Column>,
  key: ColumnKey,
  drop: 'if-unknown' | 'shorten' | 'always',
  jobs: readonly Job[],
): void {
  const column = columns.get(key);
  const cell = CELLS.find((candidate) => candidate.key === key);
  if (column === undefined || cell === undefined) return;
  if (drop === 'shorten' && cell.short !== undefined) {
    columns.set(key, { ...column, title: SHORT_TITLES[key] ?? column.title, cells: jobs.map(cell.short) });
  }
  if (drop === 'always' || (drop === 'if-unknown' && column.cells.every((text) => text === UNKNOWN)))
    columns.delete(key);
}

function shortenNames(columns: Map<ColumnKey, Column>, room: number): void {
  const names = columns.get('name');
  if (names === undefined) return;
  const others = tableWidth(
    [...columns].filter(([key]) => key !== 'why' && key !== 'name').map(([, column]) => column),
  );
  const width = Math.max(NAME_MIN_WIDTH, room - others - 2);
  columns.set('name', { ...names, cells: names.cells.map((name) => cut(name, width)) });
}

function columnOf(cell: Cell, jobs: readonly Job[], colors: Colors): Column {
  const column = { title: cell.title, align: cell.align, cells: jobs.map(cell.full) };
  if (cell.key !== 'phase') return column;
  return {
    ...column,
    paint: (text, row) => {
      const job = jobs[row];
      return job === undefined ? text : paintPhase(job.phase, text, colors);
    },
  };
}

function memoryText(job: Job): string {
  const { rssBytes, maxBytes } = job.memory;
  return maxBytes === null ? bytesText(rssBytes) : `${bytesText(rssBytes)}/${bytesText(maxBytes)}`;
}

function restartsText({ restarts }: Job): string {
  if (restarts.total === 0) return '0';
  if (restarts.allowed === null || restarts.inPeriod === 0) return String(restarts.total);
  const window = `${restarts.inPeriod}/${restarts.allowed} in ${settingText(restarts.periodMs)}`;
  return restarts.total === restarts.inPeriod ? window : `${restarts.total} (${window})`;
}

function progressText({ progress }: Job): string {
  if (progress === null) return UNKNOWN;
  const rate = progress.perSecond === null ? '' : ` ${rounded(progress.perSecond)}/s`;
  return `${rounded(progress.value)}${progress.total === null ? '' : `/${rounded(progress.total)}`}${rate}`;
}

function progressShort({ progress }: Job): string {
  if (progress === null) return UNKNOWN;
  const share =
    progress.total === null || progress.total === 0 ? null : (progress.value / progress.total) * 100;
  return share === null ? rounded(progress.value) : percentText(share);
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
