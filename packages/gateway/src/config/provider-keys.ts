/**
 * Takes the providers' keys from the environment, once, when the gateway starts.
 *
 * They live in memory alone: not in the database, not in a log, not in an error.
 *
 * @module
 */
import { usedProviders } from './check-teachers.ts';
import { ConfigError, type ConfigIssue } from './parse-config.ts';
import type { Config } from './schema.ts';

/**
 * Key by provider, for every provider that names a key.
 *
 * One that no task may ask can do without: then it can't be asked by its own name either.
 *
 * @throws ConfigError where the variable of a provider that a task may ask isn't set or can't be a key
 */
export function providerKeys(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Map<string, string> {
  const used = usedProviders(config);
  const keys = new Map<string, string>();
  const issues: ConfigIssue[] = [];
  for (const [provider, { apiKeyEnv }] of Object.entries(config.providers)) {
    if (apiKeyEnv === undefined) continue;
    const key = environment[apiKeyEnv]?.trim();
    const path = `providers.${provider}.apiKeyEnv`;
    if (!used.has(provider) && !isKey(key)) continue;
    if (!key) {
      const message = `names the environment variable ${apiKeyEnv}, which isn't set; set it to the provider's key and start again`;
      issues.push({ path, message });
    } else if (!isKey(key)) {
      const message = `names the environment variable ${apiKeyEnv}, whose value can't be a key (it holds spaces or other signs that no header may carry); set it again`;
      issues.push({ path, message });
    } else {
      keys.set(provider, key);
    }
  }
  if (issues.length > 0) throw new ConfigError('the configuration', issues);
  return keys;
}

function isKey(value: string | undefined): boolean {
  return value !== undefined && /^[\x21-\x7e]+$/.test(value);
}
