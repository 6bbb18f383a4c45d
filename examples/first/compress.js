// Work that needs the CPU and reads a file: compresses the first part of the Node binary with brotli at its
// highest level, block by block. Beside `primes` it shows that two jobs of equal priority get equal turns.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { brotliCompressSync } from 'node:zlib';

const block = Buffer.alloc(192 * 1024);
const file = openSync(process.execPath, 'r');
const total = Math.min(Number(process.argv[2] ?? 16 * 1024 * 1024), fstatSync(file).size);

let readBytes = 0;
let compressedBytes = 0;
while (readBytes < total) {
  const size = readSync(file, block, 0, Math.min(block.length, total - readBytes), readBytes);
  if (size === 0) break;
  compressedBytes += brotliCompressSync(block.subarray(0, size)).length; // level 11 is brotli's default
  readBytes += size;
  process.send?.({ type: 'progress', value: readBytes, total });
  await yieldToEvents();
}
closeSync(file);
console.log(`${readBytes} bytes became ${compressedBytes}`);
