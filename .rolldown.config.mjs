// One file for the command that is run most; CommonJS, since that starts quicker than modules do.
export default {
  input: 'dist/cli/quick.js',
  platform: 'node',
  // Loaded only for a jobs file that is no plain JSON.
  external: ['jsonc-parser'],
  logLevel: 'warn',
  output: { file: 'dist/cli/quick.cjs', format: 'cjs', codeSplitting: false },
};
