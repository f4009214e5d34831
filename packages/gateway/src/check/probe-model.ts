/**
 * Asks one model a few small questions and finds out what it can.
 *
 * @module
 */
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { chargeTeacher } from '../ledger/charge.ts';
import { TokenEstimator } from '../ledger/token-estimator.ts';
import { chatProtocol } from '../upstream/protocols/chat.ts';
import type { Teacher } from '../upstream/provider.ts';
import { type Spelling, spellings } from '../upstream/reasoning.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** `yes`: it does so; `no`: it takes the request and doesn't; `refused`: it refuses the request. */
export type Finding = 'yes' | 'no' | 'refused';

export interface Features {
  streaming: Finding;
  /** Does a stream tell its usage when it is asked (`stream_options.include_usage`)? */
  usageInStreams: Finding;
  tools: Finding;
  jsonSchema: Finding;
  logprobs: Finding;
  /** How its reasoning is spelt; `hidden`: it is counted and not shown; `no`: none was seen. */
  reasoning: Spelling | 'hidden' | 'no';
}

export interface Probe {
  /** Why there was no answer; null: there was one. */
  error: { code: string; message: string; detail: string | null } | null;
  /** Milliseconds from the first question to the whole answer; null where there was none. */
  latencyMs: number | null;
  /** Null where the first question had no answer, or nothing more was asked. */
  features: Features | null;
  /** Of all questions, USD. */
  cost: number;
}

const messages = [{ role: 'user', content: 'Answer with the word ok.' }];
/** Room for a reasoning model to come to a word. */
const most = 256;

/** @param isQuick one question alone */
export async function probeModel(
  upstream: Upstream,
  teacher: Teacher,
  signal: AbortSignal,
  isQuick = false,
): Promise<Probe> {
  const asker = new Asker(upstream, teacher, signal);
  const first = await asker.ask({ max_tokens: most });
  // What OpenAI's reasoning models want instead.
  const limit = 'error' in first && first.status === 400 ? 'max_completion_tokens' : 'max_tokens';
  const plain = limit === 'max_tokens' ? first : await asker.ask({ [limit]: most });
  if ('error' in plain) {
    const { code, message, forLog } = plain.error;
    const error = { code, message, detail: forLog ?? null };
    return { error, latencyMs: null, features: null, cost: asker.cost };
  }
  const { latencyMs } = plain;
  if (isQuick) return { error: null, latencyMs, features: null, cost: asker.cost };

  const bounded = (more: JsonObject) => asker.ask({ [limit]: most, ...more });
  const streamed = await bounded({ stream: true, stream_options: { include_usage: true } });
  const withoutUsage = 'error' in streamed ? await bounded({ stream: true }) : streamed;
  const tool = { type: 'function', function: { name: 'say', parameters: wordSchema } };
  const choice = { type: 'function', function: { name: 'say' } };
  const tools = await bounded({ tools: [tool], tool_choice: choice });
  const schema = { name: 'answer', strict: true, schema: wordSchema };
  const json = await bounded({ response_format: { type: 'json_schema', json_schema: schema } });
  const logprobs = await bounded({ logprobs: true, top_logprobs: 1 });
  return {
    error: null,
    latencyMs,
    features: {
      streaming: found(withoutUsage, ({ isStream }) => isStream),
      usageInStreams: found(streamed, ({ isStream, answer }) => isStream && isObject(answer.usage)),
      tools: found(tools, ({ choice }) => Array.isArray(messageOf(choice).tool_calls)),
      jsonSchema: found(json, ({ choice }) => {
        const content = messageOf(choice).content;
        const said = typeof content === 'string' ? parseJson(content) : undefined;
        return isObject(said) && said.word === 'ok';
      }),
      logprobs: found(logprobs, ({ choice }) => {
        const told = isObject(choice.logprobs) ? choice.logprobs.content : undefined;
        return Array.isArray(told) && told.length > 0;
      }),
      reasoning: reasoningIn([plain, withoutUsage, tools, json, logprobs]),
    },
    cost: asker.cost,
  };
}

const wordSchema = {
  type: 'object',
  properties: { word: { type: 'string', enum: ['ok'] } },
  required: ['word'],
  additionalProperties: false,
};

interface Answered {
  answer: JsonObject;
  /** The first. */
  choice: JsonObject;
  isStream: boolean;
  latencyMs: number;
}

interface Failed {
  status: number;
  error: { code: string; message: string; forLog: string | undefined };
}

class Asker {
  readonly #upstream: Upstream;
  readonly #teacher: Teacher;
  readonly #signal: AbortSignal;
  cost = 0;

  constructor(upstream: Upstream, teacher: Teacher, signal: AbortSignal) {
    this.#upstream = upstream;
    this.#teacher = teacher;
    this.#signal = signal;
  }

  async ask(more: JsonObject): Promise<Answered | Failed> {
    const request = { model: this.#teacher.model, messages, ...more };
    const startedAt = performance.now();
    const outcome = await this.#upstream.ask({
      ...{ id: 'check', task: null, endpoint: 'chat', teachers: [this.#teacher], isFenced: false },
      bodyFor: () => JSON.stringify(request),
      signal: this.#signal,
    });
    if (outcome.kind === 'gone') throw this.#signal.reason;
    if (outcome.kind === 'failed') {
      const { code, message, forLog, status } = outcome.error;
      return { status, error: { code, message, forLog } };
    }
    const text = await outcome.answer.text().catch((error: unknown) => {
      this.#signal.throwIfAborted();
      return error instanceof Error ? error : new Error(String(error));
    });
    const latencyMs = performance.now() - startedAt;
    const isStream = /^text\/event-stream\b/i.test(outcome.answer.contentType);
    const answer = text instanceof Error ? null : isStream ? streamedIn(text) : parseJson(text);
    if (!isObject(answer) || !chatProtocol.isAnswer(answer)) {
      const message = text instanceof Error ? text.message : 'What it sends is no chat completion.';
      return { status: 502, error: { code: 'provider_answer_invalid', message, forLog: undefined } };
    }
    const charge = await chargeTeacher(this.#teacher, new TokenEstimator(), request, answer, answer.usage);
    this.cost += charge.cost;
    const [choice] = answer.choices as unknown[];
    return { answer, isStream, latencyMs, choice: isObject(choice) ? choice : {} };
  }
}

/** The completion that the events of a whole stream come to. */
function streamedIn(text: string): JsonObject | null {
  const listener = chatProtocol.listen();
  for (const [, data] of text.matchAll(/^data: ?(\{.*\})\r?$/gm)) {
    const chunk = parseJson(data!);
    if (isObject(chunk)) listener.hear(chunk);
  }
  return listener.answer();
}

function found(said: Answered | Failed, has: (said: Answered) => boolean): Finding {
  if ('error' in said) return 'refused';
  return has(said) ? 'yes' : 'no';
}

function messageOf(choice: JsonObject): JsonObject {
  return isObject(choice.message) ? choice.message : {};
}

function reasoningIn(all: readonly (Answered | Failed)[]): Features['reasoning'] {
  const answers = all.filter((said): said is Answered => !('error' in said));
  for (const spelling of spellings) {
    const isThere = answers.some(({ choice }) => {
      const { [spelling]: member, content } = messageOf(choice);
      if (spelling !== 'thinking') return typeof member === 'string' && member !== '';
      return Array.isArray(content) && content.some((part) => isObject(part) && part.type === 'thinking');
    });
    if (isThere) return spelling;
  }
  const isCounted = answers.some(({ answer }) => {
    const usage = isObject(answer.usage) ? answer.usage : {};
    const details = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
    return typeof details.reasoning_tokens === 'number' && details.reasoning_tokens > 0;
  });
  return isCounted ? 'hidden' : 'no';
}
