import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SafetensorsError, writeSafetensors } from './safetensors.ts';
import { readSafetensorsFiles, writeSafetensorsFiles } from './safetensors-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-safetensors-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const vector = (length: number, first = 0) => ({
  data: Float32Array.from({ length }, (_, i) => first + i),
  dims: [length],
});
const tensors = { a: vector(4), b: vector(2, 10), large: vector(40), c: vector(1, 20) };
const at = (name: string) => join(folder, name);
const writeIndex = (weightMap: unknown) =>
  writeFileSync(at('model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));

describe('weights in a folder', () => {
  test('are one file where they fit, several with an index where not, and read the same', async () => {
    await writeSafetensorsFiles(folder, tensors, { shardBytes: 24 });
    const shards = [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`);
    expect(readdirSync(folder).sort()).toEqual([...shards, 'model.safetensors.index.json']);
    expect(JSON.parse(readFileSync(at('model.safetensors.index.json'), 'utf8'))).toEqual({
      metadata: { total_size: 4 * 47 },
      weight_map: { a: shards[0], b: shards[0], large: shards[1], c: shards[2] },
    });
    expect((await readSafetensorsFiles(folder)).tensors).toEqual(tensors);
    expect((await readSafetensorsFiles(at('model.safetensors.index.json'))).tensors).toEqual(tensors);

    // What a reader would take for part of the new weights is gone; what else lies there is not.
    writeFileSync(at('model-of-mine.safetensors'), '');
    await writeSafetensorsFiles(folder, tensors, { halves: 'BF16', metadata: { format: 'pt' } });
    expect(readdirSync(folder).sort()).toEqual(['model-of-mine.safetensors', 'model.safetensors']);
    const { halves, metadata, ...read } = await readSafetensorsFiles(folder);
    expect(read.tensors).toEqual(tensors);
    expect(halves).toEqual({ a: 'BF16', b: 'BF16', large: 'BF16', c: 'BF16' });
    expect(metadata).toEqual({ format: 'pt' });
    expect((await readSafetensorsFiles(at('model.safetensors'))).tensors).toEqual(tensors);
  });

  test('that are not all there, or not what the index says, are refused by name', async () => {
    const refused = async (message: RegExp) => {
      const error: unknown = await readSafetensorsFiles(folder).catch((reason) => reason);
      expect(error).toBeInstanceOf(SafetensorsError);
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message).toMatch(/; .*\.$/);
    };
    await refused(/holds neither model\.safetensors nor model\.safetensors\.index\.json/);
    await writeSafetensorsFiles(folder, tensors, { shardBytes: 24 });
    const [first, second, third] = [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`);

    writeIndex({ a: first, b: first, large: second, c: third, more: third });
    await refused(/00003-of-00003\.safetensors does not hold tensor more/);
    writeIndex({ a: first, large: second, c: third });
    await refused(/00001-of-00003\.safetensors holds tensor b, which/);
    writeIndex({ a: first, b: first, large: third, c: third });
    await refused(/does not hold tensor large/);
    writeFileSync(at(second!), readFileSync(at(second!)).subarray(0, 50));
    writeIndex({ a: first, b: first, large: second, c: third });
    await refused(/00002-of-00003\.safetensors: it has 50 bytes/);
    rmSync(at(second!));
    await refused(/00002-of-00003\.safetensors cannot be read, the system says ENOENT/);
    mkdirSync(at(second!));
    await refused(/cannot be read, the system says EISDIR/);

    for (const place of ['../other.safetensors', '/etc/passwd', 'a\\b.safetensors', 'model.bin', 3, null]) {
      writeIndex({ a: place });
      await refused(/tensor a is placed in .*, which is no file beside it/);
    }
    for (const map of [undefined, [], 'x', 3]) {
      writeIndex(map);
      await refused(/it has no weight_map/);
    }
    writeIndex({});
    await refused(/its weight_map is empty/);
    writeFileSync(
      at('model.safetensors.index.json'),
      `{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}`,
    );
    await refused(/it names a twice/);
    writeFileSync(at('model.safetensors.index.json'), '{"weight_map":');
    await refused(/it is not JSON/);
    writeFileSync(at('model.safetensors.index.json'), '[1]');
    await refused(/it is not a JSON object|it has no weight_map/);
  });

  test('a file that is not there is named', async () => {
    await expect(readSafetensorsFiles(at('none.safetensors'))).rejects.toThrow(
      /none\.safetensors cannot be read, the system says ENOENT; name a file that is there/,
    );
    writeFileSync(at('x.safetensors'), writeSafetensors({}));
    expect((await readSafetensorsFiles(at('x.safetensors'))).tensors).toEqual({});
  });
});
