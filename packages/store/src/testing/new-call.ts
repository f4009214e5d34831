/**
 * A call to record in tests; each test states what matters to it.
 *
 * @module
 */
import type { NewCall } from '../calls/call.ts';

export function newCall(differs: Partial<NewCall> = {}): NewCall {
  return {
    at: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
    task: 'mail',
    keyId: 'key_1',
    route: 'teacher',
    answeredBy: 'teacher',
    provider: 'acme',
    model: 'large',
    request: { model: 'kolben/mail', messages: [{ role: 'user', content: 'Where is my parcel?' }] },
    response: chatCompletion('delivery'),
    status: 'ok',
    latencyMs: 812.25,
    usage: { promptTokens: 120, completionTokens: 3, estimated: false },
    cost: 0.000123,
    teacherCost: 0.000123,
    streamed: false,
    ...differs,
  };
}

export function chatCompletion(content: string | null, finishReason = 'stop'): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finishReason }],
  };
}
