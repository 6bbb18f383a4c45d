/** `send`: a message from the operator into a mailbox. */
import type { Command } from 'commander';
import type { SendRequest, SendResult } from '../../wire/api.ts';
import { SuperviseError } from '../../wire/errors.ts';
import { durationOf } from '../arguments.ts';
import { type Context, clientOf, printJson, printLine, type Run } from '../context.ts';
import { selectJobs } from '../jobs.ts';
import { visible, visibleOnOneLine } from '../render/visible.ts';

interface SendOptions {
  readonly wait?: string | true;
}

const DEFAULT_WAIT = '5s';

const EXAMPLES = `
BODY is taken as JSON when it parses as such, else as a string.

Examples:
  supervise send api '{"verbose": true}'
  supervise send api reload
  supervise send api ping --wait 2s          prints the reply
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('<job>', 'the job')
    .argument('<body>', 'JSON, or any text')
    .option('--wait [duration]', `wait for the reply, ${DEFAULT_WAIT} unless told`)
    .addHelpText('after', EXAMPLES)
    .action((job: string, body: string, options: SendOptions) =>
      run((context) => send(context, job, body, options)),
    );
}

async function send(context: Context, name: string, text: string, options: SendOptions): Promise<number> {
  const client = await clientOf(context);
  const { jobs } = await client.status();
  const job = await addressOf(jobs, name);
  const result = await client.send(job, requestOf(text, options));
  if (result.status === 'rejected' || result.status === 'dead-lettered') {
    const why = result.reason === null ? '' : `: ${result.reason}`;
    throw new SuperviseError('SUPERVISE_REJECTED', `the message to ${job} was ${result.status}${why}`, [
      result,
    ]);
  }
  if (context.json) printJson(context, result);
  else printLine(context, textOf(job, result));
  return 0;
}

/** With replicas the daemon chooses one of them, so their common name is an address too. */
async function addressOf(jobs: readonly { readonly name: string }[], name: string): Promise<string> {
  await selectJobs(jobs, [name]);
  return name;
}

function requestOf(text: string, { wait }: SendOptions): SendRequest {
  const body = bodyOf(text);
  return wait === undefined
    ? { body }
    : { body, replyWithinMs: durationOf(wait === true ? DEFAULT_WAIT : wait, '--wait') };
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function textOf(job: string, result: SendResult): string {
  if (result.reply !== undefined) {
    const { body } = result.reply;
    return typeof body === 'string' ? visible(body) : visibleOnOneLine(JSON.stringify(body));
  }
  const depth = result.depth === null ? '' : `, ${result.depth} in its mailbox`;
  return `${result.status} by ${job}${depth}`;
}
