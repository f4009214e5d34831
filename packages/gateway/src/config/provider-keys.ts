/**
 * Takes the providers' keys from the environment, once, when the gateway starts.
 *
 * They live in memory alone: not in the database, not in a log, not in an error.
 *
 * @module
 */
import { ConfigError, type ConfigIssue } from './parse-config.ts';
import { type Config, splitTeacher } from './schema.ts';

/**
 * Key by provider, for every provider that a task's teacher belongs to and that names a key.
 *
 * @throws ConfigError where the variable isn't set or can't be a key
 */
export function providerKeys(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Map<string, string> {
  const used = new Set(Object.values(config.tasks).map((task) => splitTeacher(task.teacher)[0]));
  const keys = new Map<string, string>();
  const issues: ConfigIssue[] = [];
  for (const [provider, { apiKeyEnv }] of Object.entries(config.providers)) {
    if (apiKeyEnv === undefined || !used.has(provider)) continue;
    const key = environment[apiKeyEnv]?.trim();
    const path = `providers.${provider}.apiKeyEnv`;
    if (!key) {
      const message = `names the environment variable ${apiKeyEnv}, which isn't set; set it to the provider's key and start again`;
      issues.push({ path, message });
    } else if (!/^[\x21-\x7e]+$/.test(key)) {
      const message = `names the environment variable ${apiKeyEnv}, whose value can't be a key (it holds spaces or other signs that no header may carry); set it again`;
      issues.push({ path, message });
    } else {
      keys.set(provider, key);
    }
  }
  if (issues.length > 0) throw new ConfigError('the configuration', issues);
  return keys;
}
