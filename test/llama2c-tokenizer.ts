/**
 * The tokenizer of stories260K, which comes in a form of its own, as tokenizer.json.
 *
 * @module
 */

export interface Llama2cTokenizer {
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  readonly model: { readonly vocab: Readonly<Record<string, number>> };
}

/**
 * A vocabulary of llama2.c (a score, a length and the bytes of each piece) as Llama 2's tokenizer: pieces with byte
 * fallback, merged by score, after a token that begins the text.
 */
export function llama2cTokenizer(file: Buffer): Llama2cTokenizer {
  const pieces: { piece: string; score: number }[] = [];
  for (let at = 4; at < file.length; ) {
    const length = file.readInt32LE(at + 4);
    const piece = file.toString('utf8', at + 8, at + 8 + length).replaceAll(' ', '▁');
    pieces.push({ piece, score: file.readFloatLE(at) });
    at += 8 + length;
  }
  const names = ['<unk>', '<s>', '</s>'];
  const vocab = Object.fromEntries(pieces.map(({ piece }, id) => [names[id] ?? piece, id]));
  const merges = pieces
    .slice(names.length)
    .filter(({ piece }) => !/^<0x..>$/.test(piece))
    .flatMap(({ piece, score }) => {
      const letters = [...piece];
      return letters.slice(1).flatMap((_, i) => {
        const [left, right] = [letters.slice(0, i + 1).join(''), letters.slice(i + 1).join('')];
        return left in vocab && right in vocab ? [{ merge: `${left} ${right}`, score }] : [];
      });
    })
    .sort((a, b) => b.score - a.score)
    .map(({ merge }) => merge);
  const text = { Sequence: { id: 'A', type_id: 0 } };
  const begin = { SpecialToken: { id: '<s>', type_id: 0 } };
  return {
    ...{ version: '1.0', truncation: null, padding: null },
    added_tokens: names.map((name, id) => ({
      ...{ id, content: name, single_word: false, lstrip: false, rstrip: false },
      normalized: false,
      special: true,
    })),
    ...{
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Prepend', prepend: '▁' },
          { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
        ],
      },
      pre_tokenizer: null,
      post_processor: {
        type: 'TemplateProcessing',
        single: [begin, text],
        pair: [begin, text, begin, { Sequence: { id: 'B', type_id: 1 } }],
        special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
      },
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          { type: 'Strip', content: ' ', start: 1, stop: 0 },
        ],
      },
    },
    model: {
      ...{
        type: 'BPE',
        dropout: null,
        unk_token: '<unk>',
        fuse_unk: true,
        byte_fallback: true,
        ignore_merges: false,
      },
      vocab,
      ...{ merges },
    },
  };
}
