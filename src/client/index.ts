/**
 * Public door of the package: talk to a running supervisor from a program of your own. Nothing here starts one;
 * that is what the command line is for.
 *
 *     const { paths } = await findSupervisor({ env: process.env });
 *     const { jobs } = await connect(paths.socket).status();
 */

export type {
  Action,
  ActionRequest,
  ActionResult,
  ApplyResult,
  EventRecord,
  JobDetail,
  LogLine,
  SendRequest,
  SendResult,
  ShutdownResult,
  Status,
  SupervisorStatus,
} from '../wire/api.ts';
export type { ErrorBody, ErrorCode } from '../wire/errors.ts';
export { SuperviseError } from '../wire/errors.ts';
export type { SupervisorPaths } from '../wire/paths.ts';
export { pathsOf } from '../wire/paths.ts';
export type { EventQuery, LogQuery, SetRequest, StreamGap, SuperviseClient } from './client.ts';
export { connect } from './client.ts';
export type { FoundSupervisor, Wanted } from './discover.ts';
export { findSupervisor, isAlive, livingSupervisors } from './discover.ts';
