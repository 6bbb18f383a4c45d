// A client of `web`. Its latency lines show what sharing costs: most of a visit is time in which one of the
// two was suspended and waiting for a slot. An error is a line of output, never the end of the program.
import { setTimeout as sleep } from 'node:timers/promises';

const url = `http://127.0.0.1:${process.env.PORT ?? 8123}/`;
const betweenVisitsMs = 500;
const timeoutMs = 30_000;

for (let visit = 1; ; visit++) {
  const startedAt = performance.now();
  const outcome = await visitOnce();
  console.log(`visit ${visit}: ${outcome} after ${Math.round(performance.now() - startedAt)} ms`);
  await sleep(betweenVisitsMs);
}

async function visitOnce() {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const { visits } = await response.json();
    return `status ${response.status}, ${visits} visits so far,`;
  } catch (error) {
    return `failed (${error.cause?.code ?? error.name})`;
  }
}
