#!/usr/bin/env node
// Starts the built command; in a clone that isn't built yet it says so instead of showing a stack trace.
try {
  await import('../dist/bin.js');
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  const missing = error.message.split('\n')[0];
  process.stderr.write(
    `Kolben is not built completely (${missing}); run \`npm run build\` in the clone, or reinstall the package.\n`,
  );
  process.exitCode = 1;
}
