/**
 * The guard: an `sh` of about 2 MB that starts the daemon, holds a pipe from it and the list of process groups,
 * and ends them all, suspended ones too, when the pipe closes without a goodbye. It outlives a SIGKILL of the
 * daemon because it does nothing else. A daemon that is merely stopped keeps its pipe open and is not dead.
 *
 * Lines on the pipe: `up` once the daemon holds its lock (before that nothing is its own: another daemon of the
 * same name may live), `+ GROUP START`, `- GROUP`, `bye`. START is the leader's kernel start time: a number that
 * was given to another process meanwhile is not touched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { SupervisorSpec } from '../core/job/spec.ts';
import type { Handoff, HandoffAnswer } from '../wire/api.ts';
import { SuperviseError } from '../wire/errors.ts';
import type { SupervisorPaths } from '../wire/paths.ts';
import { markPrefixOf } from './mark.ts';
import { prepareFolders } from './os/folders.ts';

/** Descriptor on which the daemon writes to its guard. */
export const GUARD_DESCRIPTOR = 8;
/** Descriptor on which CLI and daemon talk during start-up. */
export const HANDOFF_DESCRIPTOR = 3;

/**
 * POSIX sh, no bashisms, no process forked while it waits: `read`, `case` and `kill` are built in. The pipe is
 * a FIFO, since sh can't make an anonymous one between two of its own processes; it is unlinked at once.
 */
const GUARD_SCRIPT = `
fifo=$1 mark=$2 log=$3
shift 3
rm -f "$fifo"
mkfifo -m 600 "$fifo" || exit 1
"$@" ${GUARD_DESCRIPTOR}>"$fifo" 7<&- &
daemon=$!
trap '' INT TERM HUP
umask 077
exec 3>&- 7<"$fifo"
rm -f "$fifo"
groups=' '
up=no
bye=no
while read -r verb group start <&7; do
  case $verb in
    +) groups="$groups$group:$start " ;;
    -) case $groups in
         *" $group:"*)
           before=\${groups%%" $group:"*}
           after=\${groups#*" $group:"}
           groups="$before \${after#* }" ;;
       esac ;;
    up) up=yes ;;
    bye) bye=yes ;;
  esac
done
[ "$bye" = yes ] || [ "$up" = no ] && exit 0
count=0
for entry in $groups; do
  group=\${entry%%:*}
  start=\${entry#*:}
  if [ -r "/proc/$group/stat" ] && [ "$start" != - ]; then
    read -r line < "/proc/$group/stat" || line=
    set -f; set -- \${line##*) }; set +f
    [ -z "$line" ] || [ "\${20}" = "$start" ] || continue
  fi
  kill -s KILL -- "-$group" 2>/dev/null && count=$((count + 1))
done
round=0
while [ "$round" -lt 20 ] && [ -d /proc/self ]; do
  round=$((round + 1))
  found=no
  for file in $(grep -lzsE "^SUPERVISE_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}
    kill -s KILL "\${pid%/environ}" 2>/dev/null && found=yes
  done
  [ "$found" = yes ] || break
done
echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) daemon $daemon died; ended $count process groups" >> "$log"
`;

/**
 * Starts guard and daemon, detached from this terminal, hands the configuration over and waits for the daemon's
 * answer. The environment of this process is what jobs inherit.
 */
export async function startGuard(
  config: SupervisorSpec,
  paths: SupervisorPaths,
  env: Readonly<Record<string, string | undefined>>,
): Promise<HandoffAnswer> {
  prepareFolders(paths);
  const daemon = fileURLToPath(new URL('../daemon/main.js', import.meta.url));
  const crashLog = openSync(
    paths.crashLog,
    constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW,
    0o600,
  );
  const fifo = `${paths.socket}.${process.pid}.guard`;
  const guardLog = `${paths.state}/guard.log`;
  const { SUPERVISE_MARK: _mark, ...inherited } = env;
  const daemonCommand = [process.execPath, ...DAEMON_FLAGS, daemon, config.name];
  const guard = spawn(
    '/bin/sh',
    [
      '-c',
      GUARD_SCRIPT,
      'supervise-guard',
      fifo,
      markPrefixOf(config.name, paths),
      guardLog,
      ...daemonCommand,
    ],
    {
      argv0: 'supervise-guard',
      cwd: '/',
      detached: true,
      env: inherited,
      stdio: ['ignore', crashLog, crashLog, 'pipe'],
    },
  );
  closeSync(crashLog);
  guard.unref();
  const handoff: Handoff = { config };
  return await answerOf(guard, handoff);
}

/** The daemon's heap is small: these keep its young generation, and with it its footprint, small too. */
const DAEMON_FLAGS = ['--max-semi-space-size=1'];

function answerOf(guard: ChildProcess, handoff: Handoff): Promise<HandoffAnswer> {
  return new Promise((resolve, reject) => {
    guard.on('error', (error) => {
      reject(
        new SuperviseError('SUPERVISE_START_FAILED', `the guard could not be started: ${error.message}`),
      );
    });
    const socket = guard.stdio[HANDOFF_DESCRIPTOR] as Socket | null | undefined;
    if (socket === null || socket === undefined) return;
    let text = '';
    const fail = (): void =>
      reject(
        new SuperviseError(
          'SUPERVISE_START_FAILED',
          'the daemon ended before it was ready; see crash.log in its state folder',
        ),
      );
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      socket.destroy();
      resolve(JSON.parse(text) as HandoffAnswer);
    });
    socket.on('end', fail);
    socket.on('error', fail);
    socket.write(`${JSON.stringify(handoff)}\n`);
  });
}
