/**
 * A tiny Llama with weights that follow from their places, and a tokenizer of single bytes, in the layout in which open
 * models come.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type nn, writeHuggingFace } from '@kolben/engine';

const shape: nn.DecoderShape = {
  ...{ vocabulary: 257, width: 8, layers: 1, heads: 2, keyValueHeads: 1, hidden: 8, positions: 160 },
  ...{ tied: true, rotaryPairs: 'halves' },
};

export async function writeDecoder(folder: string): Promise<void> {
  const { width, hidden, vocabulary } = shape;
  const values = (length: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + length) / 2);
  mkdirSync(folder, { recursive: true });
  await writeHuggingFace(
    folder,
    shape,
    {
      'embed.tokens': values(vocabulary * width),
      'attention0.norm': values(width),
      ...{ 'attention0.query': values(width * width), 'attention0.key': values((width / 2) * width) },
      ...{ 'attention0.value': values((width / 2) * width), 'attention0.output': values(width * width) },
      'feedForward0.norm': values(width),
      ...{ 'feedForward0.gate': values(hidden * width), 'feedForward0.up': values(hidden * width) },
      ...{ 'feedForward0.down': values(hidden * width), 'head0.norm': values(width) },
    },
    { endToken: 256 },
  );
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  let hiddenByte = 0x100;
  const symbols = Array.from({ length: 256 }, (_, byte) => {
    const seen = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(seen ? byte : hiddenByte++);
  });
  const end = { id: 256, content: '<end>', special: true, normalized: false };
  const tokenizer = {
    ...{ version: '1.0', truncation: null, padding: null, normalizer: null, post_processor: null },
    added_tokens: [{ ...end, single_word: false, lstrip: false, rstrip: false }],
    ...{ pre_tokenizer: byteLevel, decoder: byteLevel },
    model: { type: 'BPE', vocab: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])), merges: [] },
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(folder, 'tokenizer_config.json'), '{"tokenizer_class":"PreTrainedTokenizerFast"}');
}
