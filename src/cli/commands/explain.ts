/** `explain`: why a job is where it is, and what happens next. */
import type { Command } from 'commander';
import { type Context, clientOf, printJson, printLine, type Run } from '../context.ts';
import { selectJob } from '../jobs.ts';
import { renderExplanation } from '../render/explain.ts';

const EXAMPLES = `
Example:
  supervise explain api
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('<job>', 'the job')
    .addHelpText('after', EXAMPLES)
    .action((job: string) => run((context) => explain(context, job)));
}

async function explain(context: Context, name: string): Promise<number> {
  const client = await clientOf(context);
  const job = await selectJob((await client.status()).jobs, name);
  const detail = await client.job(job.name);
  if (context.json) printJson(context, detail);
  else printLine(context, renderExplanation(detail, context.colors));
  return 0;
}
