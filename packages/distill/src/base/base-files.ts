/**
 * Which files of a base model are needed, and what they all are together.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What the model is: configuration, tokenizer, and weights in one file or several with their index. */
function isModelFile(name: string): boolean {
  return (
    ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'].includes(name) ||
    name === 'model.safetensors' ||
    name === 'model.safetensors.index.json' ||
    /^model-\d{5}-of-\d{5}\.safetensors$/.test(name)
  );
}

/** That and its card, which states the licence; nothing of other frameworks. */
export function isBaseFile(name: string): boolean {
  return isModelFile(name) || name === 'README.md';
}

/** The digest of a folder's model files: `sha256:` and 64 hexadecimal digits, of their names and contents. */
export async function baseDigest(folder: string): Promise<string> {
  const whole = createHash('sha256');
  for (const name of (await readdir(folder)).filter(isModelFile).sort()) {
    const hash = createHash('sha256');
    for await (const part of createReadStream(join(folder, name))) hash.update(part as Uint8Array);
    whole.update(`${name} ${hash.digest('hex')}\n`);
  }
  return `sha256:${whole.digest('hex')}`;
}
