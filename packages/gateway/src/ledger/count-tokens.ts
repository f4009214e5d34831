/**
 * Counts tokens where a provider doesn't say how many there were.
 *
 * With OpenAI's tokenizer of today (o200k_base): which one a provider uses isn't known, and for what people write they
 * differ by some per cent. It takes a second and some 70 MB to load, so it is loaded when it is first needed, which may be
 * never (decision 0214).
 *
 * @module
 */
import type { JsonObject } from '../json.ts';
import { type Countable, textsOfAnswer, textsOfRequest } from './texts.ts';
import type { Tokens } from './usage.ts';

type Counter = (text: string) => number;

/** What a chat template puts around each message, and at the end (OpenAI's own figures). */
const aroundMessage = 4;
const atTheEnd = 3;
/** A picture of usual size at OpenAI. */
const tokensOfImage = 765;
/** Texts are counted so far, UTF-16 units of all of them; for the rest the same ratio is taken. */
const countedCharacters = 200_000;
/**
 * Merging takes time with the square of a word's length, so what is no word any more is cut: a hundred letters without a
 * space. Each cut may add a token.
 */
const longWord = /\S{100}/gu;

let loading: Promise<Counter> | undefined;

async function load(): Promise<Counter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // What looks like a special token is text here.
  return (text) => countTokens(text, { disallowedSpecial: new Set() });
}

/** The tokens of a request and of what came of its answer, counted. */
export async function countTokens(request: JsonObject, answer: JsonObject | null): Promise<Tokens> {
  loading ??= load();
  const count = await loading;
  const read = textsOfRequest(request);
  const frames = read.messages === 0 ? 0 : read.messages * aroundMessage + atTheEnd;
  return {
    promptTokens: tokensOf(read, count) + frames,
    completionTokens: tokensOf(textsOfAnswer(answer), count),
    cachedTokens: 0,
  };
}

function tokensOf({ texts, tokens, images }: Countable, count: Counter): number {
  let counted = 0;
  let characters = 0;
  const all = texts.reduce((sum, text) => sum + text.length, 0);
  for (const text of texts) {
    if (characters >= countedCharacters) break;
    const piece = text.slice(0, countedCharacters - characters);
    characters += piece.length;
    counted += count(piece.replace(longWord, '$& '));
  }
  const ofTexts = characters === 0 ? 0 : Math.round(counted * (all / characters));
  return ofTexts + tokens + images * tokensOfImage;
}
