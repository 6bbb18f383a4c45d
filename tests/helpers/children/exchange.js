// Usage: exchange.js PEER COUNT. Sends COUNT numbered messages to PEER, computing a little between them, and checks
// that PEER's come in order without a gap. Prints "COUNT in order" or the first mistake.
const [peer, count] = [process.argv[2], Number(process.argv[3])];
let sent = 0;
let received = 0;

process.on('message', ({ type, from, body }) => {
  if (type === 'pressure') return; // the mailbox of PEER is full for a moment: the channel waits by itself
  if (type !== 'message') return console.log(`unexpected ${type}`);
  received += 1;
  if (from !== peer || body.n !== received)
    return console.log(`expected ${received}, got ${body.n} from ${from}`);
  if (received === count) console.log(`${count} in order`);
});

function sendSome() {
  for (let index = 0; index < 20 && sent < count; index++) {
    sent += 1;
    process.send({ to: peer, body: { n: sent } });
  }
  const until = process.cpuUsage().user + 3000;
  while (process.cpuUsage().user < until);
  if (sent < count) setImmediate(sendSome);
}

setInterval(() => {}, 1_000_000);
process.send({ type: 'ready' });
sendSome();
