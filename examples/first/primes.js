// Work that only needs the CPU: counts the primes below a limit with a segmented sieve. It shows that a
// job which never sleeps gets its turns and no more: its progress stands still while it is suspended.
// Suspension can come between any two instructions, so it measures its own CPU time, never the clock.
import { setImmediate as yieldToEvents } from 'node:timers/promises';

const limit = Number(process.argv[2] ?? 10_000_000_000);
const oddsPerSegment = 1 << 19;
const reportEveryMs = 300;

const primes = smallPrimes(Math.floor(Math.sqrt(limit)));
const nextMultiple = primes.map((prime) => (prime * prime - 1) / 2); // index i stands for the odd number 2i + 1
const composite = new Uint8Array(oddsPerSegment);

let count = limit > 2 ? 1 : 0; // the prime 2, which no index stands for
let reportedMs = ownCpuMs();

for (let first = 0; 2 * first + 1 < limit; first += oddsPerSegment) {
  count += countSegment(first, Math.min(oddsPerSegment, Math.floor(limit / 2) - first));
  if (ownCpuMs() - reportedMs < reportEveryMs) continue;
  reportedMs = ownCpuMs();
  process.send?.({ type: 'progress', value: Math.min(2 * (first + oddsPerSegment), limit), total: limit });
  await yieldToEvents();
}
process.send?.({ type: 'progress', value: limit, total: limit });
console.log(`${count} primes below ${limit}`);

function countSegment(first, size) {
  composite.fill(0);
  for (let p = 0; p < primes.length && nextMultiple[p] < first + size; p++) {
    let index = nextMultiple[p] - first;
    for (; index < size; index += primes[p]) composite[index] = 1;
    nextMultiple[p] = first + index;
  }
  let found = first === 0 ? -1 : 0; // index 0 is the number 1, no prime
  for (let index = 0; index < size; index++) found += 1 - composite[index];
  return found;
}

/** The odd primes up to `max`. */
function smallPrimes(max) {
  const isComposite = new Uint8Array(max + 1);
  const found = [];
  for (let n = 3; n <= max; n += 2) {
    if (isComposite[n]) continue;
    found.push(n);
    for (let multiple = n * n; multiple <= max; multiple += n) isComposite[multiple] = 1;
  }
  return found;
}

function ownCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
