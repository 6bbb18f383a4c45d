// Works for about a second of its own CPU time, meets an order it can't handle and dies of it with exit
// code 1. It shows restart with backoff: the supervisor lets it crash and starts it again, each run a new
// incarnation with a clean memory, and no other job notices.
import { createHash } from 'node:crypto';
import { setImmediate as yieldToEvents } from 'node:timers/promises';

const badOrderAfterMs = 1000;
const ordersPerReport = 50_000;

let checksum = Buffer.alloc(32);
for (let order = 1; ; order++) {
  checksum = createHash('sha256').update(checksum).update(String(order)).digest();
  if (order % ordersPerReport !== 0) continue;
  process.send?.({ type: 'progress', value: order });
  await yieldToEvents();
  if (ownCpuMs() > badOrderAfterMs) throw new Error(`order ${order} has no customer`);
}

function ownCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
