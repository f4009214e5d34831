import type { NewCall } from '@kolben/store';

/** An answered call of a teacher as it is given to be recorded. */
export function newCall(differs: Partial<NewCall> = {}): NewCall {
  return {
    at: new Date(),
    task: 'mail',
    keyId: null,
    route: 'teacher',
    answeredBy: 'teacher',
    provider: 'p',
    model: 'm',
    request: { messages: [] },
    response: null,
    status: 'ok',
    latencyMs: 1,
    usage: { promptTokens: 0, completionTokens: 0, estimated: false },
    cost: 0,
    teacherCost: 0,
    streamed: false,
    ...differs,
  };
}
