/** The end of everything, as `stop` and `run` ask for it: whoever asked first, it is the same end. */
import { connect } from '../client/client.ts';
import { isAlive } from '../client/discover.ts';
import type { ShutdownResult } from '../wire/api.ts';
import { SuperviseError } from '../wire/errors.ts';
import { listText } from './render/format.ts';

/** Stops the supervisor on that socket. One that closes the connection and is gone has ended. */
export async function shutDown(socketPath: string, now: boolean): Promise<ShutdownResult['survivors']> {
  try {
    return (await connect(socketPath).shutdown({ now })).survivors;
  } catch (error) {
    const isGone =
      error instanceof SuperviseError && error.code === 'SUPERVISE_NO_DAEMON' && !(await isAlive(socketPath));
    if (isGone) return [];
    throw error;
  }
}

/** Throws the error that names the processes that live on, if any do. */
export function refuseSurvivors(survivors: ShutdownResult['survivors']): void {
  if (survivors.length === 0) return;
  const named = listText(survivors.map(({ job, pid }) => `${job} (pid ${pid})`));
  throw new SuperviseError('SUPERVISE_SURVIVORS', `these processes could not be ended: ${named}`, survivors);
}
