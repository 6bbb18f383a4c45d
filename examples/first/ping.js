// Sends a message to `pong` about once a second and prints how long the answer took. The two never touch:
// process.send hands the message to the relay, which keeps it in pong's mailbox while pong is suspended.
// The id comes back in the answer, so it carries the time of sending and nothing has to be remembered.
if (!process.send) {
  console.error('ping talks through supervise: npx supervise start examples/first/jobs.json');
  process.exit(2);
}

let question = 0;

setInterval(() => {
  question += 1;
  process.send({ to: 'pong', id: `${question}@${Date.now()}`, body: { question } });
}, 1000);

process.on('message', (message) => {
  if (message.type === 'message' && message.inReplyTo) return answered(message);
  if (message.type === 'message') return console.log(`${message.from} says ${JSON.stringify(message.body)}`);
  if (message.type === 'receipt') return received(message);
  if (message.type === 'error') return console.log(`error ${message.code}: ${message.message}`);
  // Whatever a later version may say (pressure, for one) is none of this program's business.
});

function answered({ from, inReplyTo, body }) {
  const [number, sentAt] = inReplyTo.split('@');
  console.log(`${from} answered question ${number} after ${Date.now() - sentAt} ms: ${JSON.stringify(body)}`);
}

/** `accepted` and `delivered` are the ordinary course; only a message that won't arrive is worth a line. */
function received({ id, status, reason }) {
  if (status === 'accepted' || status === 'delivered') return;
  console.log(`question ${id.split('@')[0]} was ${status}: ${reason}`);
}
