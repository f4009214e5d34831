import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { type ReplayTeacher, startReplayTeacher } from './replay-teacher.ts';

let teacher: ReplayTeacher;
afterEach(() => teacher.close());

const start = () =>
  startReplayTeacher({
    model: 'human-labels',
    answers: new Map([['Win $500!', 'spam']]),
    medianMs: 1,
    spread: 0.1,
    seed: 0,
  });
const ask = (content: string, model = 'human-labels') =>
  new OpenAI({ baseURL: teacher.baseUrl, apiKey: 'none', maxRetries: 0 }).chat.completions.create({
    model,
    messages: [
      { role: 'system', content: 'Sort.' },
      { role: 'user', content },
    ],
  });

describe('the replay teacher', () => {
  it('answers the official client with the label that people gave, and says what it used', async () => {
    teacher = await start();
    const answer = await ask('Win $500!');
    expect(answer.choices[0]?.message.content).toBe('spam');
    expect(answer.usage).toEqual({ prompt_tokens: 13, completion_tokens: 1, total_tokens: 14 });
  });

  it('invents nothing', async () => {
    teacher = await start();
    await expect(ask('Never labelled.')).rejects.toThrow('Nobody has labelled this text');
    await expect(ask('Win $500!', 'gpt')).rejects.toThrow("only 'human-labels'");
  });
});
