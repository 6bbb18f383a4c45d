/** `set`: the schedule, or the priority and weight of jobs, while everything runs. */
import type { Command } from 'commander';
import type { SetRequest } from '../../client/client.ts';
import { nearestName } from '../../config/nearest.ts';
import { parseDuration } from '../../config/quantity.ts';
import type { SupervisorStatus } from '../../wire/api.ts';
import { SuperviseError } from '../../wire/errors.ts';
import { usage } from '../arguments.ts';
import { type Context, clientOf, printJson, printLine, type Run } from '../context.ts';
import { selectJobs } from '../jobs.ts';
import { countText, settingText } from '../render/format.ts';

const EXAMPLES = `
Settings: workers=N  policy=NAME  quantum=DURATION  aging=DURATION|off
Of a job, after job:NAME: priority=N (higher first)  weight=N

What is set lives until the supervisor ends or the same setting changes in the jobs file.

Examples:
  supervise set workers=2
  supervise set policy=priority quantum=50ms aging=2s
  supervise set job:api priority=5 weight=200
`;

type Settings = Omit<SetRequest, 'job' | 'priority' | 'weight'>;

interface Changes {
  readonly settings: Settings;
  readonly jobs: readonly { readonly job: string; readonly priority?: number; readonly weight?: number }[];
}

const SETTINGS = ['workers', 'policy', 'quantum', 'aging'];
const JOB_SETTINGS = ['priority', 'weight'];

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('<change...>', 'such as workers=2 or job:api priority=5')
    .addHelpText('after', EXAMPLES)
    .action((words: string[]) => run((context) => set(context, words)));
}

async function set(context: Context, words: readonly string[]): Promise<number> {
  const changes = parseChanges(words);
  const client = await clientOf(context);
  const requests: SetRequest[] = Object.keys(changes.settings).length === 0 ? [] : [changes.settings];
  if (changes.jobs.length > 0) {
    const { jobs } = await client.status();
    await selectJobs(
      jobs,
      changes.jobs.map(({ job }) => job),
    );
    for (const { job, ...tuning } of changes.jobs) {
      for (const { name } of await selectJobs(jobs, [job])) requests.push({ job: name, ...tuning });
    }
  }
  let supervisor: SupervisorStatus | null = null;
  for (const request of requests) supervisor = await client.set(request);
  if (context.json) printJson(context, supervisor);
  else for (const request of requests) printLine(context, doneText(request, supervisor));
  return 0;
}

function doneText({ job, priority, weight }: SetRequest, supervisor: SupervisorStatus | null): string {
  if (job !== undefined) {
    const parts = [
      ...(priority === undefined ? [] : [`priority ${priority}`]),
      ...(weight === undefined ? [] : [`weight ${weight}`]),
    ];
    return `${job}: ${parts.join(', ')}`;
  }
  if (supervisor === null) return '';
  const { name, workers, policy, quantumMs, agingMs } = supervisor;
  const aging = agingMs === null ? 'off' : settingText(agingMs);
  return `${name}: ${countText(workers, 'slot')}, ${policy}, quantum ${settingText(quantumMs)}, aging ${aging}`;
}

function parseChanges(words: readonly string[]): Changes {
  let settings: Settings = {};
  const jobs: { job: string; priority?: number; weight?: number }[] = [];
  for (const word of words) {
    const job = /^job[:=](.+)$/.exec(word)?.[1];
    if (job !== undefined) {
      jobs.push({ job });
      continue;
    }
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(word) ?? [];
    if (JOB_SETTINGS.includes(key)) {
      const last = jobs.at(-1);
      if (last === undefined) throw usage(`${key} belongs to a job: put job:NAME before it`);
      jobs[jobs.length - 1] = { ...last, [key]: integerOf(key, value) };
    } else settings = { ...settings, ...settingOf(word, key, value) };
  }
  const idle = jobs.find((job) => job.priority === undefined && job.weight === undefined);
  if (idle !== undefined) throw usage(`job:${idle.job}: expected priority=N or weight=N after it`);
  return { settings, jobs };
}

function settingOf(word: string, key: string, value: string): Settings {
  switch (key) {
    case 'workers':
      return { workers: integerOf(key, value) };
    case 'quantum':
      return { quantumMs: millisecondsOf(key, value) };
    case 'aging':
      return { agingMs: value === 'off' ? null : millisecondsOf(key, value) };
    // The daemon knows the policies and says which exist.
    case 'policy':
      return { policy: value } as Settings;
    default: {
      const nearest = nearestName(key, [...SETTINGS, ...JOB_SETTINGS]);
      const found =
        key === ''
          ? `${JSON.stringify(word)} is no setting, expected KEY=VALUE`
          : `unknown setting ${JSON.stringify(key)}`;
      throw usage(`${found}${nearest === null ? '' : `, did you mean ${nearest}?`}`);
    }
  }
}

function integerOf(key: string, text: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new SuperviseError(
    'SUPERVISE_BAD_SETTING',
    `${key}: expected a whole number, found ${JSON.stringify(text)}`,
  );
}

function millisecondsOf(key: string, text: string): number {
  const quantity = /^\d{1,15}$/.test(text) ? Number(text) : parseDuration(text);
  if (typeof quantity === 'number') return quantity;
  const message = `${key}: expected a duration such as 50ms or 2s, found ${JSON.stringify(text)}`;
  throw new SuperviseError('SUPERVISE_BAD_SETTING', message);
}
