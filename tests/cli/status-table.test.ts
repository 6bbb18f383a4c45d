import { expect, it } from 'vitest';
import { PLAIN } from '../../src/cli/context.ts';
import type { Colors } from '../../src/cli/render/colors.ts';
import { renderStatus } from '../../src/cli/render/status.ts';
import { demoStatus, jobStatus, supervisorStatus } from './support/fixtures.ts';

const render = (width: number, colors: Colors = PLAIN) => `\n${renderStatus(demoStatus(), width, colors)}\n`;
const longestLine = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

it('fits 80 columns', () => {
  const text = render(80);
  expect(longestLine(text)).toBeLessThanOrEqual(80);
  expect(text).toMatchInlineSnapshot(`
    "
    demo: round-robin, quantum 100ms · slots 1/2 · daemon 0.5% 43.1MB · up 5m12s

    NAME      PHASE         PID   CPU        MEMORY  RESTARTS  WHY
    api       running      1234   57%  83.4MB/200MB         0  slot 0
    compress  suspended    1235  4.2%        48.4MB         0  quantum over
    web       pending         -     -             -         0  waits for api
    crash     backing-off     -     -             -         3  next in 3.2s, exit c…
    hopeless  quarantined     -     -             -         5  intensity exceeded, …
    batch     completed       -     -             -         0  exit code 0
    "
  `);
});

it('shows everything in 160 columns', () => {
  const text = render(160);
  expect(longestLine(text)).toBeLessThanOrEqual(160);
  expect(text).toMatchInlineSnapshot(`
    "
    demo: round-robin, quantum 100ms · slots 1/2 · daemon 0.5% 43.1MB · up 5m12s

    NAME      PHASE         PID   CPU        MEMORY       RESTARTS  SLICES/TIME    PROGRESS  MAILBOX  WHY
    api       running      1234   57%  83.4MB/200MB              0      12/3.4s  3/10 1.5/s   2/1024  slot 0
    compress  suspended    1235  4.2%        48.4MB              0      12/3.4s           -   0/1024  quantum over
    web       pending         -     -             -              0       0/3.4s           -   0/1024  waits for api
    crash     backing-off     -     -             -  3 (2/5 in 1m)      12/3.4s           -   0/1024  next in 3.2s, exit code 1
    hopeless  quarantined     -     -             -      5/5 in 1m      12/3.4s           -   0/1024  intensity exceeded, exit code 1
    batch     completed       -     -             -              0      12/3.4s           -   0/1024  exit code 0
    "
  `);
});

it.each([40, 50, 60, 70, 90, 100, 120, 140])('fits %i columns', (width) => {
  expect(longestLine(render(width))).toBeLessThanOrEqual(width);
});

it('the longest names fit 80 columns', () => {
  const name = 'n'.repeat(64);
  const status = { supervisor: supervisorStatus({ name }), jobs: [jobStatus(`${name}:0`), jobStatus('b')] };
  expect(longestLine(renderStatus(status, 80, PLAIN))).toBeLessThanOrEqual(80);
});

it('colour repeats the word of the phase and changes no widths', () => {
  const marked = Object.fromEntries(
    Object.keys(PLAIN).map((color) => [color, (text: string) => `<${color}>${text}</>`]),
  );
  const text = render(80, marked as Colors);
  expect(text).toContain('<green>running    </>');
  expect(text).toContain('<red>quarantined</>');
  expect(text.replace(/<\/?\w*>/g, '')).toBe(render(80));
});

it('says when the daemon is stopping or degraded', () => {
  const supervisor = supervisorStatus({
    stopping: true,
    degraded: [{ reason: 'disk-full', sinceMs: 300_000 }],
  });
  expect(renderStatus({ supervisor, jobs: [] }, 80, PLAIN).split('\n')).toEqual([
    'demo: round-robin, quantum 100ms · slots 0/2 · daemon 0.5% 43.1MB · up 5m12s',
    'stopping: the jobs are being ended',
    'degraded: disk-full for 12s',
    'no jobs',
  ]);
});

it('what a job supplied can neither colour nor break the table', () => {
  const job = jobStatus('bad', {
    phase: 'failed',
    reason: 'spawn-failed',
    detail: '\u001b[2J\nforged  running',
  });
  const lines = renderStatus({ supervisor: supervisorStatus(), jobs: [job] }, 120, PLAIN).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[3]).toContain('\\x1b[2J\\nforged  running');
});
