/** `run`: the jobs of a file in the foreground. What they do is shown by foreground.ts. */
import type { Command } from 'commander';
import type { Run } from '../context.ts';
import { runInForeground } from '../foreground.ts';
import { DEFAULT_FILE, loadFile } from '../jobs-file.ts';

const EXAMPLES = `
Ctrl-C once stops all jobs gracefully, twice kills them. Ends when all jobs are done: exit code 0 when all of them
completed, 1 when not, 130 after Ctrl-C. The supervisor never outlives this command.

Examples:
  supervise run
  supervise run shop.json
`;

/** Declares the command. */
export function configure(command: Command, run: Run): void {
  command
    .argument('[file]', 'the jobs file', DEFAULT_FILE)
    .addHelpText('after', EXAMPLES)
    .action((file: string) =>
      run(async (context) => {
        const { config } = await loadFile(context, file);
        return runInForeground(context, config);
      }),
    );
}
