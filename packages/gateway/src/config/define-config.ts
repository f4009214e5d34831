/**
 * `defineConfig`: what a `kolben.config.ts` exports.
 *
 * @module
 */
import type { ConfigInput } from './schema.ts';

/** Gives a `kolben.config.ts` its types, and changes nothing: it is checked when the gateway starts. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
