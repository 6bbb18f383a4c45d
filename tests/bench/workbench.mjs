// What all benchmarks stand on: a private folder, the child compiled once, processes that are gone afterwards
// whatever happens. Nothing is left behind and nothing is written elsewhere.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Every Node start would cost 50 ms more with it (measured), whoever starts it. */
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...ENVIRONMENT } = process.env;

export function openWorkbench() {
  const folder = mkdtempSync(join(tmpdir(), 'sb-'));
  const processes = new Set();
  const closers = [];
  let fifos = 0;

  const close = () => {
    for (const closer of closers.splice(0)) closer();
    // Not SIGKILL: each parent has children of its own to end first.
    for (const child of processes) child.kill('SIGTERM');
    processes.clear();
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', close);
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ])
    process.on(signal, () => process.exit(128 + number));

  return {
    folder,
    environment: ENVIRONMENT,
    ...compiledChild(folder),
    tick: join(FIXTURES, 'tick.cjs'),
    /** Called before anything else is cleaned up. */
    onClose: (closer) => closers.push(closer),
    makeFifo: () => {
      fifos += 1;
      const path = join(folder, `fifo-${fifos}`);
      execFileSync('mkfifo', ['-m', '600', path]);
      return path;
    },
    /** A Node process of ours; ended at the latest when the workbench closes. */
    spawnNode: (args, options = {}) => {
      const child = spawn(process.execPath, args, {
        stdio: 'ignore',
        env: ENVIRONMENT,
        cwd: folder,
        ...options,
      });
      processes.add(child);
      child.on('exit', () => processes.delete(child));
      return child;
    },
    fixture: (name) => join(FIXTURES, name),
    close,
  };
}

/** The C program where there is a compiler, else the shell script; both take the same arguments. */
function compiledChild(folder) {
  const child = join(folder, 'child');
  for (const compiler of ['gcc', 'cc']) {
    const { status } = spawnSync(compiler, ['-O2', '-o', child, join(FIXTURES, 'child.c')], {
      stdio: 'ignore',
    });
    if (status === 0) return { child, childKind: 'C child' };
  }
  copyFileSync(join(FIXTURES, 'child.sh'), child);
  return { child, childKind: 'sh child' };
}
