/**
 * Holds generated tokens to a JSON schema: what may follow is such that the value can still be ended within the tokens
 * that are left. So every answer is valid, and every answer ends.
 *
 * @module
 */
import type { TextTokenizer } from '../tokenizers/text-tokenizer.ts';
import { compileSchema } from './compile-schema.ts';
import { type MachineState, startMachine } from './machine.ts';
import { SchemaError } from './schema-error.ts';
import { tokenCosts } from './token-costs.ts';

export interface Constraint {
  /** Tokens that the shortest value takes at the most, without the end. */
  readonly shortest: number;
  /** Begins an answer of at most `tokens` tokens, without the end. */
  begin(tokens: number): ConstrainedAnswer;
  /** Whether a text is a value of the schema, written without spaces. */
  accepts(text: string): boolean;
}

/** An answer under way. */
export interface ConstrainedAnswer {
  /** Whether the value may end here. */
  readonly canEnd: boolean;
  /** Whether a token may follow. */
  allows(token: number): boolean;
  /** Takes a token that `allows` permitted. */
  take(token: number): void;
}

/**
 * @param schema a JSON schema
 * @throws SchemaError for a schema that answers cannot be held to, or a tokenizer without tokens for all bytes
 */
export function constraintOf(
  schema: unknown,
  tokenizer: Pick<TextTokenizer, 'size' | 'bytesOf'>,
): Constraint {
  const machine = startMachine(compileSchema(schema));
  const single = new Set<number>();
  for (let token = 0; token < tokenizer.size; token++) {
    const bytes = tokenizer.bytesOf(token);
    if (bytes?.length === 1) single.add(bytes[0]);
  }
  // Ends are counted in bytes, so each byte of JSON text must be a token.
  for (let byte = 0x20; byte < 0xf5; byte++)
    if (byte !== 0x7f && !single.has(byte) && !(byte >= 0xc0 && byte < 0xc2))
      throw new SchemaError(
        'schema_tokenizer',
        `The tokenizer has no token for the byte ${byte}, so it cannot write every value of a schema; take a byte-level one, or one with byte fallback.`,
      );
  const costs = tokenCosts(machine, tokenizer.size, (token) => tokenizer.bytesOf(token));
  return {
    shortest: machine.start.cost,
    begin(tokens) {
      if (machine.start.cost > tokens)
        throw new SchemaError(
          'schema_too_long',
          `The shortest answer of the schema has ${machine.start.cost} bytes, and there is room for ${tokens} tokens only; shorten the schema's names and values.`,
        );
      let state: MachineState = machine.start;
      let left = tokens;
      let allowed = costs.of(state);
      return {
        get canEnd() {
          return state.cost === 0;
        },
        allows: (token) => allowed[token] >= 0 && allowed[token] <= left - 1,
        take(token) {
          state = costs.after(state, token);
          left--;
          allowed = costs.of(state);
        },
      };
    },
    accepts(text) {
      let state: MachineState | undefined = machine.start;
      for (const byte of new TextEncoder().encode(text)) {
        state = machine.next(state, byte);
        if (!state) return false;
      }
      return state.cost === 0;
    },
  };
}
