import type { NewCall } from '@kolben/store';

/** A recorded call of the task `mails` that the teacher answered. */
export const makeCall = (text: string, answer: string): NewCall => ({
  at: new Date('2026-11-01T12:00:00Z'),
  task: 'mails',
  keyId: null,
  route: 'teacher',
  answeredBy: 'teacher',
  provider: 'openai',
  model: 'gpt-4.1-mini',
  request: { model: 'kolben/mails', messages: [{ role: 'user', content: text }] },
  response: {
    object: 'chat.completion',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: answer } }],
  },
  status: 'ok',
  latencyMs: 412,
  usage: { promptTokens: 100, completionTokens: 2, estimated: false },
  cost: 0.001,
  teacherCost: 0.001,
  streamed: false,
});
