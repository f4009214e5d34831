import { defineConfig } from 'vitest/config';

// Packages are tested from their sources (the `source` export condition), never from a stale build.
// Not `module`, which is for bundlers: some packages offer under it what Node itself can't load.
const conditions = ['source', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: [
            'packages/*/src/**/*.test.{ts,tsx}',
            'examples/*/src/**/*.test.ts',
            'bench/src/**/*.test.ts',
            'test/**/*.test.ts',
          ],
        },
      },
      {
        // The store once more, on a Postgres server: every test but those of the file itself and of no database at all.
        extends: true,
        test: {
          name: 'postgres',
          include: ['packages/store/src/**/*.test.ts'],
          exclude: [
            '**/dialect/**',
            '**/seal.test.ts',
            '**/integers.test.ts',
            '**/uuid7.test.ts',
            '**/call-row.test.ts',
          ],
          env: { KOLBEN_BUILT_THREADS: '1', KOLBEN_TEST_STORE: 'postgres' },
          setupFiles: ['packages/store/src/testing/need-postgres.ts'],
          // After all else: a worker goes on only to files of its own project.
          sequence: { groupOrder: 1 },
        },
      },
    ],
    globalSetup: ['test/build.ts'],
    // Threads start from what the line above has built of these sources; reading TypeScript in each would take longer
    // than most tests.
    env: { KOLBEN_BUILT_THREADS: '1' },
    setupFiles: ['test/deterministic.ts'],
    // Chips are worker threads of their own: a second layer of worker threads would only fight for the cores.
    pool: 'forks',
    // One file after another in the same process: what they import is read, and made fast, once.
    isolate: false,
    // A test that fails half-way leaves its environment to nobody.
    unstubEnvs: true,
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
