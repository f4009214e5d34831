/**
 * From what the model says of a text to an answer that keeps to the schema, always.
 *
 * @module
 */
import { canonicalJson, type Json } from '../../extract/json.ts';
import type { Plan } from '../../extract/plan.ts';
import { type Found, render } from '../../extract/render.ts';
import type { SchemaCheck } from '../../extract/schema.ts';
import { wordsOf } from '../../extract/words.ts';
import { type Decoder, decode, likeliestSpan, type Scores, type TaggedText } from './decode.ts';
import { peakOf } from './peak.ts';

export interface AnswerContext extends Decoder {
  readonly plan: Plan;
  readonly check: SchemaCheck;
  readonly maxWords: number;
  readonly byteLimit: number;
}

export interface ExtractedAnswer {
  /** Canonical JSON. */
  readonly answer: string;
  /** Undefined for the fallback, in which there is no confidence. */
  readonly scores: Scores | undefined;
  /** By how much something stands out of what the model says. */
  readonly peak: number;
}

/** What the model says, put together; where the schema wants more, the likeliest spans; where that fails, the fallback. */
export function answerFrom(text: string, logits: TaggedText, context: AnswerContext): ExtractedAnswer {
  const { plan, check, maxWords, byteLimit } = context;
  const words = wordsOf(text, byteLimit).slice(0, maxWords);
  const worded = { text, words };
  const { spans, choices, scores } = decode(logits, words.length, context);
  const peak = peakOf(logits, words.length, context.shape);
  const attempt = (all: readonly Found[]): Json | undefined => {
    const value = render(plan, worded, all, choices);
    return value !== undefined && check(value) === undefined ? value : undefined;
  };
  const value = attempt(spans);
  if (value !== undefined) return { answer: canonicalJson(value), scores, peak };

  const found = new Set(spans.map(({ label }) => label));
  const missing = plan.labels.flatMap(({ inList }, label) => {
    if (found.has(label) || inList) return [];
    const span = likeliestSpan(logits, words.length, context, label);
    return span ? [span] : [];
  });
  // First each by itself, then all of them: what the schema allows to be absent should stay so.
  for (const added of [...missing.sort((a, b) => b.score - a.score).map((one) => [one]), missing]) {
    const repaired = attempt([...spans, ...added]);
    if (repaired !== undefined) {
      const least = added.reduce((sum, { score }) => Math.min(sum, score), 0);
      const total = added.reduce((sum, { score }) => sum + score, 0);
      return {
        answer: canonicalJson(repaired),
        scores: { ...scores, tags: scores.tags + total, leastTag: Math.min(scores.leastTag, least) },
        peak,
      };
    }
  }
  return { answer: plan.fallback, scores: undefined, peak };
}
