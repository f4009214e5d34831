/**
 * A trained BPE tokenizer as tokenizer.json and tokenizer_config.json, which other people's tools open.
 *
 * @module
 */
import { type Bpe, wordPattern } from './train-bpe.ts';

export interface BpeFilesOptions {
  /** Special tokens put after every text, for readers that let tokenizers add them. */
  readonly after?: readonly string[];
  /** The special token that ends an answer, and fills up. */
  readonly end?: string;
  /** Tokens that the model has positions for. */
  readonly limit: number;
}

/** @throws Error for a token of the options that is not special */
export function bpeFiles(
  { special, tokens, merges }: Bpe,
  { after = [], end, limit }: BpeFilesOptions,
): { tokenizer: object; config: object } {
  const numberOf = (token: string) => {
    const id = special.indexOf(token);
    if (id < 0) throw new Error(`"${token}" is no special token of this tokenizer.`);
    return id;
  };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: special.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: wordPattern }, behavior: 'Isolated', invert: false },
          byteLevel,
        ],
      },
      post_processor:
        after.length === 0
          ? null
          : {
              type: 'TemplateProcessing',
              single: [
                { Sequence: { id: 'A', type_id: 0 } },
                ...after.map((id) => ({ SpecialToken: { id, type_id: 0 } })),
              ],
              pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
              special_tokens: Object.fromEntries(
                after.map((id) => [id, { id, ids: [numberOf(id)], tokens: [id] }]),
              ),
            },
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges: merges.map(([left, right]) => `${tokens[left]} ${tokens[right]}`),
      },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_input_names: ['input_ids', 'attention_mask'],
      model_max_length: limit,
      ...(end === undefined ? {} : { eos_token: end, pad_token: end }),
      padding_side: 'left',
      truncation_side: 'right',
      clean_up_tokenization_spaces: false,
    },
  };
}
