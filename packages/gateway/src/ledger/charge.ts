/**
 * What a call is charged: its tokens, its cost, and what the teacher alone would have cost.
 *
 * - A teacher's answer costs what the provider reports, at the configured price; the teacher alone would have cost
 *   the same. Where it reports nothing, a tokenizer counts what was asked and what came, and the call is marked so.
 * - A student's answer costs nothing per call (its chips are the house's own and are paid by the hour); what the
 *   teacher would have cost is estimated.
 * - A teacher that was asked, may have read the prompt and gave no answer is charged for that prompt.
 * - A call that was cut off is charged for its prompt and for what came of the answer.
 *
 * @module
 */
import type { Usage } from '@kolben/store';
import type { JsonObject } from '../json.ts';
import { answerCharacters, promptCharacters, writtenCharacters } from '../messages.ts';
import { obstacleFor } from '../students/can-serve.ts';
import type { Task } from '../tasks/task.ts';
import type { Teacher } from '../upstream/provider.ts';
import { costOf } from './cost.ts';
import { countTokens } from './count-tokens.ts';
import { type TokenEstimator, tokensOfText } from './token-estimator.ts';
import { readUsage, type Tokens } from './usage.ts';

/** Money in USD. */
export interface Charge {
  usage: Usage;
  cost: number;
  teacherCost: number;
}

/** Of a call that never reached a model. */
export const noCharge: Charge = {
  usage: { promptTokens: 0, completionTokens: 0, estimated: false },
  cost: 0,
  teacherCost: 0,
};

/**
 * @param teacher the one that answered: its own price counts
 * @param answer what came of the answer; null where nothing did
 * @param reported the provider's usage
 */
export async function chargeTeacher(
  teacher: Teacher,
  estimator: TokenEstimator,
  request: JsonObject,
  answer: JsonObject | null,
  reported: unknown,
): Promise<Charge> {
  const tokens = readUsage(reported);
  if (tokens) return teacherCharge(teacher, tokens, false);
  const prompt = estimator.estimate(promptCharacters(request), 0);
  const counted = await countTokens(request, answer).catch(() => ({
    // The call is charged, whatever becomes of the tokenizer.
    ...prompt,
    completionTokens: tokensOfText(writtenCharacters(answer)),
  }));
  // What this task's teacher reported of other prompts tells more than another's tokenizer.
  const { promptTokens, cachedTokens } = estimator.calls > 0 ? prompt : counted;
  return teacherCharge(teacher, { ...counted, promptTokens, cachedTokens }, true);
}

/**
 * The charge with what teachers will bill that read the prompt and gave no answer, as far as can be known.
 *
 * @param lost those teachers, one for each time
 */
export function withLost(
  charge: Charge,
  lost: readonly Teacher[],
  estimator: TokenEstimator,
  request: JsonObject,
): Charge {
  if (lost.length === 0) return charge;
  const prompt = estimator.estimate(promptCharacters(request), 0);
  const cost = lost.reduce((sum, { price }) => sum + costOf(prompt, price), 0);
  return { ...charge, cost: charge.cost + cost, teacherCost: charge.teacherCost + cost };
}

/** Of a student's answer, with the tokens that the teacher would have counted. */
export function chargeStudent(task: Task, request: JsonObject, answer: string): Charge & { tokens: Tokens } {
  const tokens = task.estimator.estimate(promptCharacters(request), answer.length);
  const { usage, teacherCost } = teacherCharge(task.teachers[0], tokens, true);
  return { tokens, usage, cost: 0, teacherCost };
}

/** Teaches the task's estimator what a teacher counted, from a call like those that a student may answer. */
export function learnUsage(task: Task, request: JsonObject, completion: JsonObject): void {
  const tokens = readUsage(completion.usage);
  if (!tokens || obstacleFor(request, task.config) !== undefined) return;
  task.estimator.learn(promptCharacters(request), answerCharacters(completion), tokens);
}

function teacherCharge({ price }: Teacher, tokens: Tokens, estimated: boolean): Charge {
  const cost = costOf(tokens, price);
  return { usage: { ...tokens, estimated }, cost, teacherCost: cost };
}
