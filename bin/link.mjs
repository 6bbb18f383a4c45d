// Lets `npx supervise` in a clone find this very build: npx looks in node_modules/.bin first, and would
// otherwise install the folder into its cache, which builds it a second time.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';

mkdirSync('node_modules/.bin', { recursive: true });
rmSync('node_modules/.bin/supervise', { force: true });
symlinkSync('../../bin/supervise.js', 'node_modules/.bin/supervise');
