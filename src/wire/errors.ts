/**
 * Errors as a table: code → exit code, HTTP status and hint. Scripts depend on the codes, people on the hints.
 * A test asserts that every code is documented in the README.
 */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly details?: readonly unknown[];
}

interface ErrorKind {
  readonly exitCode: number;
  readonly httpStatus: 400 | 404 | 409 | 413 | 500 | 503 | 504;
  readonly hint: string | null;
}

export const ERRORS = {
  SUPERVISE_USAGE: { exitCode: 2, httpStatus: 400, hint: 'supervise --help lists the commands' },
  SUPERVISE_BAD_FILE: { exitCode: 2, httpStatus: 400, hint: 'nothing was started' },
  SUPERVISE_OTHER_FILE: {
    exitCode: 2,
    httpStatus: 409,
    hint: 'use --name NAME to run this file beside it, or stop that supervisor first',
  },
  SUPERVISE_ALREADY_RUNNING: { exitCode: 2, httpStatus: 409, hint: 'supervise list shows the supervisors' },
  SUPERVISE_BAD_STATE_FOLDER: {
    exitCode: 2,
    httpStatus: 500,
    hint: 'set SUPERVISE_HOME to a folder of your own',
  },
  SUPERVISE_PATH_TOO_LONG: { exitCode: 2, httpStatus: 500, hint: 'set SUPERVISE_HOME to a shorter path' },
  SUPERVISE_BAD_SETTING: { exitCode: 2, httpStatus: 400, hint: null },
  SUPERVISE_NO_PROCESS: { exitCode: 2, httpStatus: 409, hint: 'supervise status shows the phases' },
  SUPERVISE_STOPPING: { exitCode: 2, httpStatus: 409, hint: 'wait for it to end' },
  SUPERVISE_NO_DAEMON: { exitCode: 3, httpStatus: 503, hint: 'supervise start jobs.json starts one' },
  SUPERVISE_AMBIGUOUS: { exitCode: 3, httpStatus: 400, hint: 'name one with --name' },
  SUPERVISE_START_FAILED: { exitCode: 3, httpStatus: 500, hint: null },
  SUPERVISE_NO_JOB: { exitCode: 4, httpStatus: 404, hint: 'supervise status lists the jobs' },
  SUPERVISE_TIMEOUT: { exitCode: 5, httpStatus: 504, hint: null },
  SUPERVISE_JOB_FAILED: { exitCode: 1, httpStatus: 409, hint: null },
  SUPERVISE_REJECTED: { exitCode: 1, httpStatus: 409, hint: null },
  SUPERVISE_SURVIVORS: { exitCode: 1, httpStatus: 500, hint: null },
  SUPERVISE_TOO_LARGE: { exitCode: 2, httpStatus: 413, hint: null },
  SUPERVISE_BUG: { exitCode: 70, httpStatus: 500, hint: 'this is a bug in supervise' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** An operating error: expected, with a code; never used for bugs. */
export class SuperviseError extends Error {
  override readonly name = 'SuperviseError';
  readonly code: ErrorCode;
  readonly details: readonly unknown[];

  constructor(code: ErrorCode, message: string, details: readonly unknown[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** Exit code of a command that fails with it. */
  get exitCode(): number {
    return ERRORS[this.code].exitCode;
  }

  /** As it goes over the wire and into `--json`. */
  toBody(): ErrorBody {
    const { hint } = ERRORS[this.code];
    return {
      code: this.code,
      message: this.message,
      ...(hint === null ? {} : { hint }),
      ...(this.details.length === 0 ? {} : { details: this.details }),
    };
  }
}
