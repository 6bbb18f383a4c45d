// A small HTTP service. It shows readiness: `visitor` starts only after this says {"type":"ready"}, which is
// when the port really listens and not merely when the process exists. It also shows a graceful stop: on
// SIGTERM it answers what it has begun and then ends.
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 8123);
let visits = 0;

const server = createServer((_request, response) => {
  visits += 1;
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify({ visits, pid: process.pid })}\n`);
});

server.on('error', (error) => {
  const taken = error.code === 'EADDRINUSE';
  console.error(taken ? `port ${port} is taken: set PORT for web and visitor in jobs.json` : String(error));
  process.exit(1);
});

server.listen(port, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${port}`);
  process.send?.({ type: 'ready' });
});

process.on('SIGTERM', () => server.close(() => process.exit(0)));
