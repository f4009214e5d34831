/**
 * A provider for tests that answers as a model with these abilities would: it tells tokens and usage, calls tools, keeps
 * to schemas and thinks, or refuses to.
 *
 * @module
 */
import { isObject, type JsonObject } from '../json.ts';
import { type Behaviour, chunksOf, completion, event, plainly, someUsage } from './mock-provider.ts';

export interface Abilities {
  /** Members of a request that it refuses with 422. */
  refuses?: readonly string[];
  /** Members that it takes and does nothing with. */
  ignores?: readonly string[];
  /** What its messages hold beside their content. */
  thoughts?: JsonObject;
}

export function able({ refuses = [], ignores = [], thoughts = {} }: Abilities): Behaviour {
  return (answer, asked) => {
    const { body } = asked;
    const refused = refuses.find((member) => member in body);
    if (refused !== undefined) {
      const error = { message: `Extra inputs are not permitted: ${refused}`, param: refused };
      plainly({ error }, refused === 'max_tokens' ? 400 : 422)(answer, asked);
      return;
    }
    const does = (member: string) => body[member] != null && !ignores.includes(member);
    if (does('stream')) {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      const wantsUsage = isObject(body.stream_options) && does('stream_options');
      for (const chunk of chunksOf(['ok'], wantsUsage ? someUsage : null)) answer.write(event(chunk));
      answer.end(event('[DONE]'));
      return;
    }
    const call = { id: 'c', type: 'function', function: { name: 'say', arguments: '{"word":"ok"}' } };
    const message = {
      ...{ role: 'assistant', content: does('response_format') ? '{"word":"ok"}' : 'ok', ...thoughts },
      ...(does('tools') && { content: null, tool_calls: [call] }),
    };
    const logprobs = does('logprobs') ? { content: [{ token: 'ok', logprob: -0.1 }] } : null;
    const choices = [{ index: 0, message, logprobs, finish_reason: 'stop' }];
    plainly(completion('ok', { choices }))(answer, asked);
  };
}
