/**
 * Tokenizers of the two kinds that decoders have, as tokenizer.json.
 *
 * @module
 */

/** As much of a tokenizer.json as is asked of here. */
export interface TokenizerJson {
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  readonly model: { readonly vocab: Readonly<Record<string, number>> };
}

function special(id: number, content: string) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/** A byte-level BPE with Qwen2's pattern and a few merges. */
export function byteLevelTokenizer(): TokenizerJson {
  const pattern = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
  const merges = ['Ġ t', 'h e', 'Ġt he', 'o n', 'i n', 'e r', 'Ġ a', 'n d', 'Ġa nd', 'Ġ Ã', '1 2', "' s"];
  const tokens = [...byteSymbols(), ...merges.map((merge) => merge.replace(' ', ''))];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  return {
    ...{ version: '1.0', truncation: null, padding: null, normalizer: { type: 'NFC' } },
    added_tokens: [special(tokens.length, '<|endoftext|>')],
    ...{
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
          byteLevel,
        ],
      },
      post_processor: byteLevel,
      decoder: byteLevel,
    },
    model: {
      ...{
        type: 'BPE',
        dropout: null,
        unk_token: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
      },
      vocab,
      ...{ merges },
    },
  };
}

/** BERT's: words that are known, in small letters, and the letters of those that are not. */
export function wordPieceTokenizer(words: readonly string[]): TokenizerJson {
  const names = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const letters = Array.from('abcdefghijklmnopqrstuvwxyzäöüß0123456789');
  const pieces = [...new Set([...words, ...letters, ...letters.map((letter) => `##${letter}`)])];
  const vocab = Object.fromEntries([...names, ...pieces].map((piece, id) => [piece, id]));
  const named = (name: string) => ({ SpecialToken: { id: name, type_id: 0 } });
  const text = { Sequence: { id: 'A', type_id: 0 } };
  return {
    ...{ version: '1.0', truncation: null, padding: null },
    added_tokens: names.map((name, id) => special(id, name)),
    ...{
      normalizer: {
        ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
        ...{ strip_accents: false, lowercase: true },
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [named('[CLS]'), text, named('[SEP]')],
        pair: [],
        special_tokens: Object.fromEntries(
          ['[CLS]', '[SEP]'].map((name) => [name, { id: name, ids: [vocab[name]], tokens: [name] }]),
        ),
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    },
    model: {
      ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##' },
      ...{ max_input_chars_per_word: 100, vocab },
    },
  };
}

/** By byte, the character that byte-level tokenizers write for it (Radford et al., GPT-2, 2019). */
function byteSymbols(): string[] {
  let hidden = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const seen = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(seen ? byte : hidden++);
  });
}
