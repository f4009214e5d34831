import { defineConfig } from 'vitest/config';

// Kolben stands here as it's built, as other people's programs do as they are installed.

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    globalSetup: ['src/make/setup.ts'],
    setupFiles: ['../test/deterministic.ts'],
    // One process for each file: other people's programs bring an ONNX Runtime of their own.
    pool: 'forks',
    maxWorkers: 2,
    // ONNX Runtime 1.30 carries telemetry.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
