// Usage: says.js MESSAGE... Sends each argument, which is JSON, as it is and prints everything it gets, as JSON.
process.on('message', (message) => console.log(JSON.stringify(message)));
process.send({ type: 'ready' });
for (const text of process.argv.slice(2)) process.send(JSON.parse(text));
setInterval(() => {}, 1_000_000);
