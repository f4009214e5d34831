/**
 * Estimates the tokens that a task's teacher counts, where the teacher wasn't asked or didn't say.
 *
 * Per task it keeps four sums over the calls in which the teacher reported its usage: characters and tokens of the
 * prompts, characters and tokens of the answers. An estimate is characters × (tokens ÷ characters); the share of
 * cached tokens is learned likewise. Because the ratio is one of sums, estimates over many calls add up to what the
 * teacher would have reported for like calls, also where a fixed part (a template, hidden reasoning) is in the
 * count but not in the text. Before anything was learned, four characters count as a token, OpenAI's own rule of
 * thumb for English; German has about three and a half.
 *
 * Every figure that comes from here is marked as estimated in the ledger.
 *
 * @module
 */
import type { Tokens } from './usage.ts';

const fallbackTokensPerCharacter = 1 / 4;

export class TokenEstimator {
  #calls = 0;
  #promptCharacters = 0;
  #promptTokens = 0;
  #cachedTokens = 0;
  #answerCharacters = 0;
  #answerTokens = 0;

  /** How many calls were learned from. */
  get calls(): number {
    return this.#calls;
  }

  /** Takes in what a teacher reported. Calls with an empty prompt or answer teach nothing and are passed over. */
  learn(promptCharacters: number, answerCharacters: number, reported: Tokens): void {
    if (promptCharacters === 0 || answerCharacters === 0) return;
    this.#calls += 1;
    this.#promptCharacters += promptCharacters;
    this.#promptTokens += reported.promptTokens;
    this.#cachedTokens += reported.cachedTokens;
    this.#answerCharacters += answerCharacters;
    this.#answerTokens += reported.completionTokens;
  }

  /** Whole tokens, at least one for a text that isn't empty. */
  estimate(promptCharacters: number, answerCharacters: number): Tokens {
    const learned = this.#calls > 0;
    const perPrompt = learned ? this.#promptTokens / this.#promptCharacters : fallbackTokensPerCharacter;
    const perAnswer = learned ? this.#answerTokens / this.#answerCharacters : fallbackTokensPerCharacter;
    const cachedShare = this.#promptTokens > 0 ? this.#cachedTokens / this.#promptTokens : 0;
    const promptTokens = whole(promptCharacters, perPrompt);
    return {
      promptTokens,
      completionTokens: whole(answerCharacters, perAnswer),
      cachedTokens: Math.round(promptTokens * cachedShare),
    };
  }
}

/** Tokens of a text that lies open, by the rule of thumb alone: for answers whose teacher sent no usage. */
export function tokensOfText(characters: number): number {
  return whole(characters, fallbackTokensPerCharacter);
}

function whole(characters: number, tokensPerCharacter: number): number {
  return characters === 0 ? 0 : Math.max(1, Math.round(characters * tokensPerCharacter));
}
