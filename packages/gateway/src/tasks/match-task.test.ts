import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import { ApiError } from '../server/api-error.ts';
import { matchTask } from './match-task.ts';
import { tasksOf } from './task.ts';

const price = { inputPerMillion: 0, outputPerMillion: 0 };
const task = { kind: 'classify', teacher: 'p/org/model' } as const;
const tasks = tasksOf(
  parseConfig({
    providers: { p: { baseUrl: 'http://127.0.0.1:9/v1/', prices: { 'org/model': price } } },
    tasks: { mail: task, intents: task },
  }),
  {},
);

const statusOf = (model: unknown, header?: string) => {
  try {
    return matchTask(tasks, model, header).name;
  } catch (error) {
    return error instanceof ApiError ? [error.status, error.code] : error;
  }
};

test('a task knows its teacher', () => {
  expect(tasks.get('mail')?.teacher).toMatchObject({
    model: 'org/model',
    price,
    provider: { name: 'p', url: new URL('http://127.0.0.1:9/v1/chat/completions'), key: undefined },
  });
});

test.each([
  ['kolben/mail', undefined, 'mail'],
  ['gpt-4.1', 'intents', 'intents'],
  [undefined, 'intents', 'intents'],
  ['kolben/mail', 'mail', 'mail'],
  ['kolben/mail', 'intents', [400, 'task_contradiction']],
  ['kolben/nope', 'mail', [400, 'task_contradiction']],
  ['gpt-4.1', undefined, [404, 'model_not_found']],
  ['mail', undefined, [404, 'model_not_found']],
  ['KOLBEN/mail', undefined, [404, 'model_not_found']],
  ['kolben/toString', undefined, [404, 'model_not_found']],
  ['gpt-4.1', '__proto__', [404, 'model_not_found']],
  ['gpt-4.1', '', [404, 'model_not_found']],
  [undefined, undefined, [400, 'model_missing']],
  ['', undefined, [400, 'model_missing']],
  [7, undefined, [400, 'model_missing']],
])('model %j and header %j: %j', (model, header, expected) => {
  expect(statusOf(model, header)).toEqual(expected);
});

test('what isn’t there is not repeated to whoever asked for it, what is there is', () => {
  expect(() => matchTask(tasks, 'kolben/<script>', undefined)).toThrow(
    'The model does not exist here; what there is: kolben/mail, kolben/intents.',
  );
  expect(() => matchTask(new Map(), 'x', undefined)).toThrow('nothing yet (the configuration has no tasks)');
});
