/**
 * A model's tokenizer for a student that stands on it: it puts around every text what the student reads around it, so
 * that other people's tools ask it as Kolben does.
 *
 * @module
 */
import { TokenizerError } from './text-tokenizer.ts';

export interface PromptFilesOptions {
  /** Tokens put before and after every text. */
  readonly begin: readonly number[];
  readonly separator: readonly number[];
  /** The token that ends an answer, and fills up. */
  readonly end: number;
  /** Tokens of a text that are read, without those around it. */
  readonly textTokens: number;
}

interface TokenizerFiles {
  readonly tokenizer: Uint8Array;
  readonly config: Uint8Array;
}

/** What the model's own chats look like is nothing that the student reads; its template goes. */
const foreign = ['chat_template', 'add_bos_token', 'add_eos_token'];

/** @throws TokenizerError (`tokenizer_file`) for a number without a token */
export function promptFiles(
  { tokenizer, config }: TokenizerFiles,
  { begin, separator, end, textTokens }: PromptFilesOptions,
): TokenizerFiles {
  const json = object(tokenizer) as {
    added_tokens?: readonly { id: number; content: string }[];
    model: { vocab: Readonly<Record<string, number>> };
  };
  const names = new Map(Object.entries(json.model.vocab).map(([name, id]) => [id, name]));
  for (const { id, content } of json.added_tokens ?? []) names.set(id, content);
  const nameOf = (id: number) => {
    const name = names.get(id);
    if (name === undefined)
      throw new TokenizerError(
        'tokenizer_file',
        `tokenizer.json has no token ${id}, which the model's configuration names; take both of one model.`,
      );
    return name;
  };
  const part = (id: number) => ({ SpecialToken: { id: nameOf(id), type_id: 0 } });
  const around = [...new Set([...begin, ...separator])];
  const [text, second] = ['A', 'B'].map((id) => ({ Sequence: { id, type_id: 0 } }));
  const special = (id: number) => [nameOf(id), { id: nameOf(id), ids: [id], tokens: [nameOf(id)] }] as const;
  const kept = Object.entries(object(config)).filter(([name]) => !foreign.includes(name));
  return {
    tokenizer: bytes({
      ...json,
      truncation: null,
      padding: null,
      post_processor: {
        type: 'TemplateProcessing',
        single: [...begin.map(part), text, ...separator.map(part)],
        pair: [text, second],
        special_tokens: Object.fromEntries(around.map(special)),
      },
    }),
    config: bytes({
      ...Object.fromEntries(kept),
      // The class of its own would put around texts what it is used to.
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: begin.length + textTokens + separator.length,
      ...{ eos_token: nameOf(end), pad_token: nameOf(end), padding_side: 'left', truncation_side: 'right' },
      clean_up_tokenization_spaces: false,
    }),
  };
}

const object = (json: Uint8Array) => JSON.parse(new TextDecoder().decode(json)) as Record<string, unknown>;
const bytes = (value: object) => new TextEncoder().encode(`${JSON.stringify(value)}\n`);
