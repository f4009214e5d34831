/**
 * The console's server side: pages for `startGateway`'s option `pages`.
 *
 * @module
 */
export type { ConsoleApi } from './server/api/index.ts';
export { consolePages } from './server/console-pages.ts';
export type { ConsoleServices, WatchActs, WatchReason } from './server/services.ts';
