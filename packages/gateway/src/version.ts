import { createRequire } from 'node:module';

/** The version of this package, which all of Kolben shares. */
export const version: string = (createRequire(import.meta.url)('../package.json') as { version: string })
  .version;
