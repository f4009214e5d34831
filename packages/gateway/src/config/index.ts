/**
 * A configuration without the gateway that it is for: what reads one need not load a server and what students answer
 * with.
 *
 * @module
 */
export { defineConfig } from './define-config.ts';
export { ConfigError, type ConfigIssue, parseConfig } from './parse-config.ts';
export {
  type Config,
  type ConfigInput,
  configSchema,
  type Limits,
  type Price,
  type ProviderConfig,
  splitTeacher,
  type TaskConfig,
} from './schema.ts';
