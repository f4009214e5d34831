/**
 * tokenizer.json and tokenizer_config.json: from text to bytes, for readers of Hugging Face folders.
 *
 * There is nothing to tokenize, since the model reads bytes. What these files say is how a text is normalised
 * (`normalize-text.ts`), and that the number of a byte is its value: a byte-level BPE without merges.
 *
 * @module
 */
import { type NormalizationStep, normalizationSteps } from './normalize-text.ts';

/**
 * What stands for byte 0, with which shorter texts are filled up; no normal text has that byte. A name of its own,
 * since readers take a padding token that stands in a text for padding.
 */
const padding = '<pad>';

export function tokenizerFiles(
  byteLimit: number,
  steps: readonly NormalizationStep[] = normalizationSteps,
): { tokenizer: object; config: object } {
  return {
    tokenizer: {
      version: '1.0',
      truncation: { direction: 'Right', max_length: byteLimit, strategy: 'LongestFirst', stride: 0 },
      padding: {
        strategy: 'BatchLongest',
        direction: 'Right',
        pad_to_multiple_of: null,
        pad_id: 0,
        pad_type_id: 0,
        pad_token: padding,
      },
      added_tokens: [],
      normalizer: { type: 'Sequence', normalizers: steps.map(normalizer) },
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(byteSymbols().map((symbol, byte) => [byte === 0 ? padding : symbol, byte])),
        merges: [],
      },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_input_names: ['input_ids'],
      model_max_length: byteLimit,
      pad_token: padding,
      padding_side: 'right',
      truncation_side: 'right',
      clean_up_tokenization_spaces: false,
      // A text may say "<pad>" and mean it.
      split_special_tokens: true,
    },
  };
}

function normalizer(step: NormalizationStep): object {
  if (step.kind === 'nfkc') return { type: 'NFKC' };
  if (step.kind === 'lowercase') return { type: 'Lowercase' };
  return { type: 'Replace', pattern: { Regex: step.pattern }, content: step.content };
}

/**
 * By byte, the character that byte-level tokenizers write for it: itself where it can be seen, else the next one
 * from U+0100 on (Radford et al., GPT-2, 2019).
 */
function byteSymbols(): string[] {
  let hidden = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const seen = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(seen ? byte : hidden++);
  });
}
