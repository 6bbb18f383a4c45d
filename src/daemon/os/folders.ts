/**
 * The folders and the lock of a supervisor. A folder that is a link, belongs to somebody else or may be written
 * by others is refused: whoever can write there could command the daemon.
 */
import { spawnSync } from 'node:child_process';
import { constants, lstatSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { LIMITS } from '../../core/limits.ts';
import { SuperviseError } from '../../wire/errors.ts';
import type { SupervisorPaths } from '../../wire/paths.ts';

/** Makes the folders, private to this user, and checks those that exist. */
export function prepareFolders(paths: SupervisorPaths): void {
  if (Buffer.byteLength(paths.socket) > LIMITS.socketPathMaxBytes) {
    throw new SuperviseError(
      'SUPERVISE_PATH_TOO_LONG',
      `the socket path ${paths.socket} is longer than ${LIMITS.socketPathMaxBytes} bytes`,
    );
  }
  for (const folder of [paths.stateRoot, paths.runtimeRoot, paths.state, paths.logs]) preparePrivate(folder);
}

function preparePrivate(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SuperviseError('SUPERVISE_BAD_STATE_FOLDER', `the folder ${folder} can't be made: ${code}`);
  }
  const stat = lstatSync(folder);
  const refuse = (why: string): never => {
    throw new SuperviseError('SUPERVISE_BAD_STATE_FOLDER', `the folder ${folder} ${why}`);
  };
  if (!stat.isDirectory()) refuse('is a link or no folder');
  if (stat.uid !== process.geteuid?.()) refuse('belongs to another user');
  if ((stat.mode & 0o022) !== 0) refuse('may be written by other users (chmod go-w)');
}

/**
 * The kernel lock on this name: an open file description that dies with the daemon. Node can't call flock(2),
 * so `flock` is run once on the inherited descriptor and leaves the lock in our description.
 */
export function takeLock(path: string, platform: NodeJS.Platform): void {
  if (platform === 'darwin') return takeBsdLock(path);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  const { status, error } = spawnSync('flock', ['-n', '-x', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  });
  if (error !== undefined) {
    throw new SuperviseError(
      'SUPERVISE_START_FAILED',
      `flock (package util-linux) can't be run: ${error.message}`,
    );
  }
  if (status === 1) throw alreadyRunning();
  if (status !== 0) {
    throw new SuperviseError(
      'SUPERVISE_START_FAILED',
      `the lock ${path} can't be taken (flock ended with ${status})`,
    );
  }
}

/**
 * A second lock that no removed folder can break: an abstract socket, which the kernel keeps until the daemon is
 * gone. Any user could take the name first, so it refuses a start and grants nothing. Linux only.
 */
export function claimName(mark: string, platform: NodeJS.Platform): Promise<void> {
  if (platform !== 'linux') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? alreadyRunning() : error),
    );
    server.listen(`\0supervise/${mark}`, () => {
      server.unref();
      resolve();
    });
  });
}

/** macOS: open(2) itself can take the lock. O_EXLOCK is 0x20 there; Node names no constant for it. */
function takeBsdLock(path: string): void {
  const exclusiveLock = 0x20;
  const flags =
    constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | exclusiveLock;
  try {
    openSync(path, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') throw alreadyRunning();
    throw error;
  }
}

function alreadyRunning(): SuperviseError {
  return new SuperviseError('SUPERVISE_ALREADY_RUNNING', 'a daemon of this name is already running');
}

/** A socket file left by a dead daemon; only to be called while holding the lock. */
export function removeStaleSocket(path: string): void {
  rmSync(path, { force: true });
}
