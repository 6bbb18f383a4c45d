// Usage: family-memory.js COUNT MB. Starts COUNT children that hold MB each within a second; holds little itself.
import { spawn } from 'node:child_process';

const [count, mb] = process.argv.slice(2).map(Number);
const grow = `const kept = []; let held = 0;
setInterval(() => { if (held < ${mb}) { kept.push(Buffer.alloc(10e6, 1)); held += 10; } }, 100);`;

for (let index = 0; index < count; index++) spawn(process.execPath, ['-e', grow], { stdio: 'ignore' });
setInterval(() => {}, 1_000_000);
