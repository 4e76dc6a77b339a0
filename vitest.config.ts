import { defineConfig } from 'vitest/config';

/** Where .ci/run wants the results as JSON, beside what is printed. */
const report = process.env['KBDIAG_TEST_REPORT'];

export default defineConfig({
  test: {
    globalSetup: 'test/run-folder.ts',
    setupFiles: ['test/property-seed.ts'],
    include: ['test/**/*.test.ts', 'rules/**/*.test.ts'],
    // Process per file: the CLI tests spawn and read real files, and a crash must name its file.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    coverage: {
      provider: 'v8',
      include: ['src/**', 'rules/**'],
      exclude: ['**/*.test.ts', 'rules/**/scenarios.ts'],
    },
  },
});
