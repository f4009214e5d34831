/**
 * A decoder at work: the likeliest answer to each text, token by token, several texts side by side, held to a schema
 * where there is one.
 *
 * @module
 */
import { type Chip, loadDecoder, type nn, type Parameters } from '@kolben/engine';
import type { ConstrainedAnswer, Constraint } from '../../constrained/constraint.ts';
import type { TextTokenizer } from '../../tokenizers/text-tokenizer.ts';
import type { Likelihood } from './confidence.ts';
import { type PromptFormat, promptOf } from './prompt.ts';

export interface WrittenAnswer extends Likelihood {
  readonly text: string;
}

export interface AnswerWriter {
  /** One answer for each text, in order. */
  write(texts: readonly string[], signal?: AbortSignal): Promise<WrittenAnswer[]>;
  release(): Promise<void>;
}

export interface AnswerWriterOptions extends nn.KeptNumbers {
  readonly shape: nn.DecoderShape;
  readonly parameters: Parameters;
  readonly tokenizer: TextTokenizer;
  readonly format: PromptFormat;
  /** Holds answers to a schema. Default: they are free. */
  readonly constraint?: Constraint | undefined;
  readonly chips: readonly Chip[];
}

/** Texts that are answered side by side. */
const rowsTogether = 16;

export async function loadAnswerWriter(options: AnswerWriterOptions): Promise<AnswerWriter> {
  const { shape, parameters, tokenizer, format, chips, rowBits } = options;
  const decoders = await Promise.all(chips.map((chip) => loadDecoder(chip, shape, parameters, { rowBits })));
  let turn = 0;
  return {
    async write(texts, signal) {
      const prompts = texts.map((text) => promptOf(text, tokenizer, format));
      const order = [...prompts.keys()].sort((a, b) => prompts[a].length - prompts[b].length);
      const groups: number[][] = [];
      // Few texts are spread over all chips, and many go side by side.
      const size = Math.max(1, Math.min(rowsTogether, Math.ceil(order.length / decoders.length)));
      for (let i = 0; i < order.length; i += size) groups.push(order.slice(i, i + size));
      const answers: WrittenAnswer[] = new Array(texts.length);
      const first = turn++;
      await Promise.all(
        Array.from({ length: Math.min(decoders.length, groups.length) }, async (_, i) => {
          const decoder = decoders[(first + i) % decoders.length];
          for (let group = groups.pop(); group; group = groups.pop()) {
            const rows = new Rows(
              group.map((index) => prompts[index]),
              options,
            );
            const sequences = await decoder.begin(group.length);
            try {
              while (!rows.done) {
                signal?.throwIfAborted();
                const { data } = await sequences.next(rows.fresh);
                rows.take(data as Float32Array);
              }
            } finally {
              await sequences.close();
            }
            for (const [row, index] of group.entries()) answers[index] = rows.answer(row);
          }
        }),
      );
      return answers;
    },
    async release() {
      await Promise.all(decoders.map((decoder) => decoder.release()));
    },
  };
}

interface Row {
  readonly tokens: number[];
  readonly held: ConstrainedAnswer | undefined;
  sum: number;
  count: number;
  state: 'open' | 'ended' | 'cut';
}

/** Answers under way side by side. */
class Rows {
  readonly #options: AnswerWriterOptions;
  readonly #rows: Row[];
  /** What each sequence reads next; those that are done read something that nobody looks at. */
  fresh: readonly (readonly number[])[];

  constructor(prompts: readonly (readonly number[])[], options: AnswerWriterOptions) {
    this.#options = options;
    this.fresh = prompts;
    this.#rows = prompts.map(() => ({
      tokens: [],
      held: options.constraint?.begin(options.format.answerTokens),
      sum: 0,
      count: 0,
      state: 'open',
    }));
  }

  get done(): boolean {
    return this.#rows.every(({ state }) => state !== 'open');
  }

  /** Takes the next token of each open answer by the logits (rows, vocabulary). */
  take(logits: Float32Array): void {
    const { format, shape } = this.#options;
    this.fresh = this.#rows.map((row, r) => {
      if (row.state !== 'open') return [format.end];
      const own = logits.subarray(r * shape.vocabulary, (r + 1) * shape.vocabulary);
      const token = this.#choose(row, own);
      row.sum += own[token] - logSumExp(own);
      row.count++;
      if (token === format.end) row.state = 'ended';
      else {
        row.tokens.push(token);
        row.held?.take(token);
        if (row.tokens.length === format.answerTokens) row.state = row.held?.canEnd ? 'ended' : 'cut';
      }
      return [token];
    });
  }

  answer(r: number): WrittenAnswer {
    const { tokens, sum, count, state } = this.#rows[r];
    return { text: this.#options.tokenizer.decode(tokens), sum, tokens: count, ended: state === 'ended' };
  }

  /** The likeliest token that may follow. */
  #choose({ held }: Row, logits: Float32Array): number {
    const { format, tokenizer } = this.#options;
    let best = -1;
    for (let token = 0; token < logits.length; token++) {
      if (best >= 0 && !(logits[token] > logits[best])) continue;
      const may =
        token === format.end
          ? (held?.canEnd ?? true)
          : held
            ? held.allows(token)
            : tokenizer.bytesOf(token) !== undefined;
      if (may) best = token;
    }
    // Whatever is held to a schema can go on or end, so only numbers that are none leave nothing.
    if (best < 0) throw new TypeError('No token may follow.');
    return best;
  }
}

function logSumExp(numbers: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const number of numbers) if (number > most) most = number;
  let sum = 0;
  for (const number of numbers) sum += Math.exp(number - most);
  return most + Math.log(sum);
}
