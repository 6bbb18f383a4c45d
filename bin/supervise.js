#!/usr/bin/env node
// A short command runs from a file of its own: see src/cli/quick.ts.
const args = process.argv.slice(2);
const isShort = args[0] === 'status' || args[0] === 'ps';
const short = isShort ? require('../dist/bundle/quick.cjs').quickMain(args) : Promise.resolve(null);
short
  .then(async (code) => code ?? (await import('../dist/bundle/main.js')).main(args))
  .then((code) => {
    process.exitCode = code;
  });
