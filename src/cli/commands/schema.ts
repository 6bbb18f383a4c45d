/** `schema`: the JSON Schema of jobs.json, for editors. */
import type { Command } from 'commander';
import { printJson, type Run } from '../context.ts';

const EXAMPLES = `
Example:
  supervise schema > jobs.schema.json     then "$schema": "./jobs.schema.json" in the jobs file
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command.addHelpText('after', EXAMPLES).action(() =>
    run(async (context) => {
      const { jobsFileSchema } = await import('../../config/schema.ts');
      printJson(context, jobsFileSchema());
      return 0;
    }),
  );
}
