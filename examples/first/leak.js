// Leaks memory, about 20 MB in each second that it may run, until somebody stops it. It shows the two limits:
// above memory.high it is told (the pressure message printed below), above memory.max its run is ended and a
// new one starts after the backoff. A good program would drop its caches when told; this one just goes on.
const stepBytes = 1_000_000;
const stepMs = 50;
const quietSteps = 20; // start gently: passing the limit at once would count as a limit set too low

const kept = [];
let steps = 0;

setInterval(() => {
  steps += 1;
  if (steps <= quietSteps) return;
  kept.push(Buffer.alloc(stepBytes, 1)); // filled, so that the pages are really there
  if (kept.length % 10 === 0) process.send?.({ type: 'progress', value: kept.length });
}, stepMs);

process.on('message', (message) => {
  if (message.type === 'pressure')
    console.log(`keeping ${kept.length} MB when told ${JSON.stringify(message)}`);
});
