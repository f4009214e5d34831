/**
 * What a teacher's completion says: an answer to learn from, or why there is none.
 *
 * @module
 */
import { normaliseAnswer } from '../datasets/normalise.ts';
import { contentText } from '../examples/content-text.ts';
import { labelShares } from './label-shares.ts';

/** Why an answer is set apart. */
export type RejectionReason =
  /** The teacher declined to answer. */
  | 'refused'
  /** The provider's filter cut the answer out. */
  | 'filtered'
  | 'empty'
  /** It hit the limit of tokens. */
  | 'cut_short'
  | 'outside_labels'
  /** What came was no chat completion. */
  | 'not_an_answer'
  /** The provider will not take this very request: too long, say. */
  | 'request_refused';

export interface GivenAnswer {
  readonly answer: string;
  /** What the teacher shows of its reasoning. */
  readonly reasoning?: string;
  /** The tokens of the answer with their log-probabilities, as the teacher gave them. */
  readonly logprobs?: unknown;
  /** What the log-probabilities say of each label, where there is a closed set of them: see `labelShares`. */
  readonly shares?: Readonly<Record<string, number>>;
}

export interface RejectedAnswer {
  readonly rejected: RejectionReason;
  /** The words that were rejected, or what the provider said. */
  readonly said?: string;
  readonly reasoning?: string;
}

export function readAnswer(completion: unknown): GivenAnswer | RejectedAnswer {
  const choices = isObject(completion) && Array.isArray(completion.choices) ? completion.choices : [];
  const choice: unknown = choices[0];
  if (!isObject(choice) || !isObject(choice.message)) return { rejected: 'not_an_answer' };
  const { message, finish_reason: finish, logprobs } = choice;
  const thoughts = [message.reasoning_content, message.reasoning].find(
    (text) => typeof text === 'string' && text !== '',
  ) as string | undefined;
  const reasoning = thoughts === undefined ? {} : { reasoning: thoughts };
  if (typeof message.refusal === 'string' && message.refusal !== '')
    return { rejected: 'refused', said: message.refusal, ...reasoning };
  const text = contentText(message.content ?? '');
  const answer = normaliseAnswer(text ?? '');
  const said = answer === '' ? {} : { said: answer };
  if (finish === 'content_filter') return { rejected: 'filtered', ...said, ...reasoning };
  if (finish === 'length') return { rejected: 'cut_short', ...said, ...reasoning };
  if (text === undefined) return { rejected: 'not_an_answer', ...reasoning };
  if (answer === '') return { rejected: 'empty', ...reasoning };
  const tokens = isObject(logprobs) && Array.isArray(logprobs.content) ? logprobs.content : [];
  return { answer, ...reasoning, ...(tokens.length > 0 ? { logprobs: tokens } : {}) };
}

/** The same in the light of a closed set of labels: what is none of them is no answer. */
export function judgeAnswer(
  outcome: GivenAnswer | RejectedAnswer,
  labels: ReadonlySet<string> | undefined,
): GivenAnswer | RejectedAnswer {
  if (!labels || 'rejected' in outcome) return outcome;
  const { answer, logprobs, reasoning } = outcome;
  if (!labels.has(answer))
    return { rejected: 'outside_labels', said: answer, ...(reasoning === undefined ? {} : { reasoning }) };
  const shares = Array.isArray(logprobs) ? labelShares(logprobs, labels, answer) : undefined;
  return { ...outcome, ...(shares ? { shares } : {}) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
