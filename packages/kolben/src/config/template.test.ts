import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { priceOf } from '@kolben/gateway/config';
import { expect, it } from 'vitest';
import { emptyFolder } from '../testing/run-kolben.ts';
import { loadConfig } from './load-config.ts';
import { configTemplate } from './template.ts';

async function load(text: string) {
  const folder = emptyFolder();
  try {
    const file = join(folder.path, 'kolben.config.ts');
    writeFileSync(file, text);
    return await loadConfig(file);
  } finally {
    folder.remove();
  }
}

it('is a configuration as it stands', async () => {
  const config = await load(configTemplate);
  expect(Object.keys(config.providers)).toEqual(['openai']);
  expect(config.tasks.mails?.fallbacks).toEqual([]);
});

it('is one with all its examples put in force, and each of them has a price where it names a model', async () => {
  const inForce = configTemplate.replaceAll(/^( +)\/\/ ([a-z]+: .*,)$/gm, '$1$2');
  const { providers, tasks } = await load(inForce);
  expect(Object.keys(providers)).toEqual([
    ...['openai', 'deepseek', 'mistral', 'anthropic', 'vllm', 'ollama', 'llamacpp', 'own'],
  ]);
  expect(tasks.mails).toMatchObject({
    fallbacks: ['mistral/mistral-small-latest', 'ollama/qwen3:8b'],
    jurisdictions: { only: ['EU'] },
  });
  for (const [provider, model] of [
    ['deepseek', 'deepseek-chat'],
    ['mistral', 'mistral-small-latest'],
    ['anthropic', 'claude-sonnet-4-5'],
  ] as const)
    expect(priceOf(providers[provider]!, model)?.source).toBe('package');
});
