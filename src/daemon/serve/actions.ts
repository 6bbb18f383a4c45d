/** What a person may do to a job, each answered when the effect is there. */
import type { Input } from '../../core/input.ts';
import { isAtRest, type Phase } from '../../core/job/phase.ts';
import { LIMITS } from '../../core/limits.ts';
import { findJob, type JobState, type State } from '../../core/state.ts';
import { jobStatus } from '../../core/views/status.ts';
import type { Action, ActionRequest, ActionResult } from '../../wire/api.ts';
import { SuperviseError } from '../../wire/errors.ts';
import type { Daemon } from '../daemon.ts';

/** Performs `action` on the job `name` and waits for its effect. */
export async function act(
  daemon: Daemon,
  name: string,
  action: Action,
  request: ActionRequest,
): Promise<ActionResult> {
  const before = existingJob(daemon.loop.state(), name);
  refuseWhileStopping(daemon, action);
  refuseWithoutProcess(before, action);
  const goal = goalOf(before, action, request.untilReady === true);
  daemon.loop.post(inputOf(name, action, request));
  const timeoutMs = request.timeoutMs ?? LIMITS.durationMaxMs;
  const reached = await daemon.waits.until((state) => goal(findJob(state, name)), timeoutMs);
  const job = findJob(daemon.loop.state(), name) ?? before;
  if (reached === null) {
    throw new SuperviseError('SUPERVISE_TIMEOUT', `${name} is still ${job.phase.kind} after ${timeoutMs} ms`);
  }
  if (reached === 'failed') {
    throw new SuperviseError(
      'SUPERVISE_JOB_FAILED',
      `${name} is ${job.phase.kind}: the ${action} did not come to its end`,
    );
  }
  return { job: jobStatus(job, daemon.clock.now()), changed: job !== before };
}

/** The job of that name, or the error that names it. */
export function existingJob(state: State, name: string): JobState {
  const job = findJob(state, name);
  if (job === undefined)
    throw new SuperviseError('SUPERVISE_NO_JOB', `there is no job ${JSON.stringify(name)}`, [
      ...state.names.keys(),
    ]);
  return job;
}

type Goal = (job: JobState | undefined) => 'reached' | 'failed' | null;

function goalOf(before: JobState, action: Action, untilReady: boolean): Goal {
  switch (action) {
    case 'stop':
      return (job) => (job === undefined || isAtRest(job.phase) ? 'reached' : null);
    case 'restart':
      return restartGoal(before, untilReady);
    case 'suspend':
      return suspendGoal(before);
    case 'resume':
      return (job) => (job === undefined || !isSuspendedByPerson(job.phase) ? 'reached' : null);
    case 'signal':
      return () => 'reached';
  }
}

function suspendGoal(before: JobState): Goal {
  return (job) => {
    if (job === undefined || isAtRest(job.phase)) return 'failed';
    if (isSuspendedByPerson(job.phase)) return 'reached';
    // The run ended before its suspension showed.
    return job.incarnation === before.incarnation && hasProcess(job.phase) ? null : 'failed';
  };
}

function hasProcess(phase: Phase): boolean {
  return 'run' in phase || phase.kind === 'starting';
}

function restartGoal(before: JobState, untilReady: boolean): Goal {
  const wanted = before.phase.kind === 'starting' ? before.incarnation : before.incarnation + 1;
  return (job) => {
    if (job === undefined) return 'failed';
    // Somebody else stopped it meanwhile.
    if (job.incarnation < wanted && isAtRest(job.phase)) return 'failed';
    if (job.incarnation < wanted) return job.phase.kind === 'pending' && !untilReady ? 'reached' : null;
    if (untilReady) {
      if (job.readyAtMs !== null || job.phase.kind === 'completed') return 'reached';
      return isAtRest(job.phase) ? 'failed' : null;
    }
    return 'run' in job.phase || isAtRest(job.phase) || job.phase.kind === 'backing-off' ? 'reached' : null;
  };
}

function isSuspendedByPerson(phase: Phase): boolean {
  return phase.kind === 'suspended' && phase.by === 'operator';
}

function inputOf(name: string, action: Action, request: ActionRequest): Input {
  if (action === 'signal') {
    if (request.signal === undefined)
      throw new SuperviseError('SUPERVISE_USAGE', 'the field signal is missing');
    return { type: 'operator.signal', job: name, signal: request.signal };
  }
  return { type: `operator.${action}`, jobs: [name] };
}

function refuseWhileStopping(daemon: Daemon, action: Action): void {
  if (daemon.loop.state().stopRequestedAtMs === null || action === 'stop') return;
  throw new SuperviseError('SUPERVISE_STOPPING', 'the supervisor is stopping');
}

function refuseWithoutProcess(job: JobState, action: Action): void {
  if (action !== 'suspend' && action !== 'resume' && action !== 'signal') return;
  if (action === 'suspend' && job.phase.kind === 'stopping') {
    throw new SuperviseError('SUPERVISE_NO_PROCESS', `${job.spec.name} is being stopped`);
  }
  if ('run' in job.phase || (job.phase.kind === 'starting' && action !== 'signal')) return;
  throw new SuperviseError(
    'SUPERVISE_NO_PROCESS',
    `${job.spec.name} is ${job.phase.kind} and has no process to ${action}`,
  );
}
