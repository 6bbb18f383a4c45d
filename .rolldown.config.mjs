// The command line in few files, since loading modules one by one takes longer than all that they do.
const common = { platform: 'node', logLevel: 'warn', resolve: { mainFields: ['module', 'main'] } };

export default [
  // The command that is run most: one file, CommonJS, which starts quicker than modules do.
  {
    ...common,
    input: 'dist/cli/quick.js',
    // Loaded only for a jobs file that is no plain JSON.
    external: ['jsonc-parser'],
    output: { file: 'dist/bundle/quick.cjs', format: 'cjs', codeSplitting: false },
  },
  {
    ...common,
    input: 'dist/cli/main.js',
    output: { dir: 'dist/bundle', format: 'esm', minify: true, chunkFileNames: '[name]-[hash].js' },
  },
];
