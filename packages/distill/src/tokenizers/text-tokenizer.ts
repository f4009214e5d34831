/**
 * A tokenizer.json at work: texts to numbers of tokens and back, and the bytes that each token stands for.
 *
 * @module
 */

import { Tokenizer } from '@huggingface/tokenizers';
import { KolbenError } from '@kolben/engine';
import { addedAround } from './added-around.ts';
import { symbolBytes } from './byte-symbols.ts';

/** A tokenizer.json that cannot be used. */
export class TokenizerError extends KolbenError {}

export interface TextTokenizer {
  /** Numbers of tokens lie below it. */
  readonly size: number;
  /** What its file puts before a text, such as the token that begins one. */
  readonly before: readonly number[];
  /** The tokens of a text alone; a special token's name in it is text like any other. */
  encode(text: string): number[];
  /** The text of tokens; special ones are left out, bytes that are no text become U+FFFD. */
  decode(ids: readonly number[]): string;
  /** What a token stands for; undefined for special tokens and numbers that are none. */
  bytesOf(id: number): Uint8Array | undefined;
  /** The number of a token as tokenizer.json writes it. */
  idOf(token: string): number | undefined;
}

interface TokenizerJson {
  readonly added_tokens?: readonly { id: number; content: string; special?: boolean }[];
  readonly decoder?: unknown;
  readonly model: { readonly type?: string; readonly vocab: Readonly<Record<string, number>> };
}

/**
 * Byte-level BPE, and BPE with byte fallback as Llama 2 has it.
 *
 * @throws TokenizerError (`tokenizer_file`) for a file of another kind, or none at all
 */
export function openTokenizer(tokenizerJson: Uint8Array, configJson?: Uint8Array): TextTokenizer {
  const json = parse(tokenizerJson, 'tokenizer.json') as TokenizerJson;
  const vocabulary = json.model?.vocab;
  if (json.model?.type !== 'BPE' || typeof vocabulary !== 'object' || vocabulary === null)
    throw new TokenizerError(
      'tokenizer_file',
      'tokenizer.json holds no BPE; decoders are read with a byte-level BPE, or one with byte fallback.',
    );
  const config = configJson ? parse(configJson, 'tokenizer_config.json') : {};
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(json, config);
  } catch (error) {
    throw new TokenizerError(
      'tokenizer_file',
      `tokenizer.json cannot be read: ${error instanceof Error ? error.message : String(error)}; take the one that belongs to the model.`,
      { cause: error },
    );
  }
  const added = json.added_tokens ?? [];
  const isByteLevel = JSON.stringify(json.decoder ?? null).includes('"ByteLevel"');
  const bytes: (Uint8Array | undefined)[] = [];
  const ids = new Map<string, number>();
  for (const [token, id] of Object.entries(vocabulary)) {
    bytes[id] = isByteLevel ? symbolBytes(token) : pieceBytes(token);
    ids.set(token, id);
  }
  for (const { id, content, special } of added) {
    bytes[id] = special ? undefined : new TextEncoder().encode(content);
    ids.set(content, id);
  }
  const names = added.map(({ content }) => content).filter((content) => content.length > 0);
  return {
    size: bytes.length,
    before: addedAround((text, options) => tokenizer.encode(text, options).ids).before,
    encode: (text): number[] =>
      withoutNames(text, names).flatMap((part) =>
        part === '' ? [] : tokenizer.encode(part, { add_special_tokens: false }).ids,
      ),
    decode: (all) => {
      const parts = all.flatMap((id) => bytes[id] ?? []);
      const text = Buffer.concat(parts).toString('utf8');
      // Tokenizers of that kind put a space before every text.
      return isByteLevel ? text : text.replace(/^ /, '');
    },
    bytesOf: (id) => bytes[id],
    idOf: (token) => ids.get(token),
  };
}

/** The text in parts, cut within each name of an added token, so that no part holds one. */
function withoutNames(text: string, names: readonly string[]): string[] {
  const parts = [text];
  for (const name of names)
    for (let i = 0; i < parts.length; i++) {
      const at = parts[i].indexOf(name);
      if (at >= 0) parts.splice(i, 1, parts[i].slice(0, at + 1), parts[i].slice(at + 1));
    }
  return parts;
}

/** What a piece of a tokenizer with byte fallback stands for. */
export function pieceBytes(piece: string): Uint8Array {
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(piece);
  return byte
    ? Uint8Array.of(Number.parseInt(byte[1], 16))
    : new TextEncoder().encode(piece.replaceAll('▁', ' '));
}

function parse(bytes: Uint8Array, name: string): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new TokenizerError(
      'tokenizer_file',
      `${name} is not JSON; take the one that belongs to the model.`,
      { cause: error },
    );
  }
  if (typeof value !== 'object' || value === null)
    throw new TokenizerError(
      'tokenizer_file',
      `${name} is not a JSON object; take the one that belongs to the model.`,
    );
  return value;
}
