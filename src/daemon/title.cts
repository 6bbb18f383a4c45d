/**
 * Loaded by Node programs of jobs before their own code, on versions whose main thread names itself after
 * `--title` was applied (seen in 24): gives the name back, so that plain `top` shows the job.
 */
process.title = process.env['SUPERVISE_JOB'] ?? process.title;
