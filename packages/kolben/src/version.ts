/** The version of this package, read from its own package.json so that there is one place to raise it. */
import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

export const version: string = (manifest as { version: string }).version;
