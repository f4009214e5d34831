import { defineConfig } from 'vitest/config';

// Packages are tested from their sources (the `source` export condition), never from a stale build.
const conditions = ['source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    globalSetup: ['test/build.ts'],
    setupFiles: ['test/deterministic.ts'],
    // Chips are worker threads of their own: a second layer of worker threads would only fight for the cores.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
