/** The rules of the house, as far as a machine can check them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../src/core/limits.ts';
import { ERRORS } from '../src/wire/errors.ts';

const ROOT = new URL('..', import.meta.url).pathname;

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

const SOURCES = filesUnder('src', '.ts').map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));
const TESTS = filesUnder('tests', '.ts').map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string);
}

/** Code without comments and strings, so that prose may use any word. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'/g, "''");
}

/** What each part may import besides itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wire: ['core'],
  config: ['core'],
  client: ['wire', 'core'],
  daemon: ['core', 'config', 'wire'],
  cli: ['client', 'config', 'wire', 'core'],
};

/** `start` and `run` bring the daemon up: the one door between the two. */
const DOORS: ReadonlySet<string> = new Set(['daemon/guard.ts']);

describe('layers', () => {
  it.each(SOURCES.map(({ path, text }) => [path, text] as const))(
    '%s imports only what it may',
    (path, text) => {
      const layer = path.split('/')[1] as string;
      for (const name of importsOf(text)) {
        if (!name.startsWith('.')) {
          if (layer === 'core') expect.fail(`${path} imports ${name}: the core imports nothing`);
          continue;
        }
        const target = relative('src', normalize(join(dirname(path), name)));
        const other = target.split('/')[0] as string;
        if (other === layer || DOORS.has(target)) continue;
        expect(LAYERS[layer], `${path} imports ${target}`).toContain(other);
      }
    },
  );

  it.each([
    ['execa', ['src/daemon/os/spawn.ts']],
    ['pidusage', ['src/daemon/os/usage.ts']],
    ['pino', ['src/daemon/log.ts']],
  ])('%s is imported in one file', (library, paths) => {
    expect(SOURCES.filter(({ text }) => importsOf(text).includes(library)).map(({ path }) => path)).toEqual(
      paths,
    );
  });

  it('commander is imported by the command line alone', () => {
    const users = SOURCES.filter(({ text }) => importsOf(text).includes('commander')).map(({ path }) => path);
    expect(users.length).toBeGreaterThan(0);
    for (const path of users) expect(path).toMatch(/^src\/cli\//);
  });
});

describe('files', () => {
  it.each(SOURCES.map(({ path, text }) => [path, text] as const))(
    '%s is small and opens with what it owns',
    (path, text) => {
      expect(text.split('\n').length, `${path} has at most 300 lines`).toBeLessThanOrEqual(301);
      expect(text.startsWith('/**'), `${path} opens with a comment`).toBe(true);
      // A sentence in a string stays whole, so that it can be searched for.
      const lines = codeOf(text).split('\n');
      expect(Math.max(...lines.map((line) => line.length)), `${path}: longest line`).toBeLessThanOrEqual(140);
    },
  );

  it('lie where a newcomer expects them', () => {
    const allowed =
      /^(\..*|package\.json|package-lock\.json|tsconfig\.json|src|bin|examples|tests|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|node_modules|dist|coverage)$/;
    expect(readdirSync(ROOT).filter((name) => !allowed.test(name))).toEqual([]);
  });
});

describe('words', () => {
  const BANNED = /\b(?:manager|helper|utils?|retry|retries|pausable|kill9|todo|fixme|xxx)\b/i;
  it.each(SOURCES.map(({ path, text }) => [path, text] as const))(
    '%s uses none of the banned ones',
    (_path, text) => {
      expect(text.replaceAll('util-linux', '').match(BANNED)?.[0]).toBeUndefined();
    },
  );

  it('no file name says manager, helper, util, service or handler', () => {
    // The handlers of the transition table are what the table calls them.
    const bad = SOURCES.filter(({ path }) => /(manager|helper|util|service|handler)/.test(path));
    expect(bad.map(({ path }) => path)).toEqual(['src/core/job/handlers.ts']);
  });
});

describe('time and chance', () => {
  const CLOCKS =
    /\bDate\.now\b|\bsetTimeout\b|\bsetInterval\b|\bperformance\.now\b|\bMath\.random\b|\bnew Date\(\)/;
  /** Who may, and why: the clock itself; the last seconds of a process; screens of a client. */
  const MAY = [/^src\/daemon\/clock\.ts$/, /^src\/daemon\/main\.ts$/, /^src\/cli\//, /^src\/client\//];
  it.each(SOURCES.map(({ path, text }) => [path, text] as const))(
    '%s reads no clock it should not',
    (path, text) => {
      if (MAY.some((pattern) => pattern.test(path))) return;
      expect(codeOf(text).match(CLOCKS)?.[0]).toBeUndefined();
    },
  );

  it.each(TESTS.map(({ path, text }) => [path, text] as const))(
    '%s does not sleep, retry, skip or single out',
    (path, text) => {
      if (path === 'tests/tidy.test.ts') return;
      expect(text.match(/\b(?:it|test|describe)\.(?:only|skip)\b|\bretry:\s*[1-9]/)?.[0]).toBeUndefined();
    },
  );
});

describe('limits', () => {
  it('relate to each other as other code relies on', () => {
    expect(LIMITS.durationMaxMs).toBeLessThan(LIMITS.timerMaxMs);
    expect(LIMITS.quantumMinMs).toBeLessThan(LIMITS.quantumWarnMs);
    expect(LIMITS.handOverMs).toBeLessThan(LIMITS.quantumWarnMs);
    expect(LIMITS.creditBytes).toBeLessThan(LIMITS.frameMaxBytes);
    expect(LIMITS.frameMaxBytes).toBeLessThan(LIMITS.mailboxMaxBytes);
    expect(LIMITS.mailboxMaxBytes).toBeLessThan(LIMITS.relayMaxBytes);
    expect(LIMITS.logLineMaxBytes).toBeLessThan(LIMITS.outputBytesPerWindow);
    expect(LIMITS.sampleMinMs).toBeLessThan(LIMITS.sampleMaxMs);
    expect(LIMITS.socketPathMaxBytes).toBeLessThan(104);
  });
});

describe('the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

  it('documents every error code with its exit code', () => {
    for (const [code, { exitCode }] of Object.entries(ERRORS)) {
      expect(readme, code).toMatch(new RegExp(`\`${code}\`[^\\n]*\\b${exitCode}\\b`));
    }
  });

  it('names only files that exist and scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const match of readme.matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(match[1]);
    for (const match of readme.matchAll(/`((?:src|examples|tests)\/[\w./-]+)`/g)) {
      expect(readdirSync(join(ROOT, dirname(match[1] as string)))).toContain(
        (match[1] as string).split('/').filter(Boolean).at(-1),
      );
    }
  });
});
