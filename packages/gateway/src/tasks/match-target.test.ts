import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import { ApiError } from '../server/api-error.ts';
import { providersOf } from '../upstream/provider.ts';
import { choiceOf } from './choice.ts';
import { matchTarget } from './match-target.ts';
import { tasksOf } from './task.ts';

const price = { inputPerMillion: 0, outputPerMillion: 0 };
const task = { kind: 'classify', teacher: 'p/org/model' } as const;
const config = parseConfig({
  providers: {
    p: { baseUrl: 'http://127.0.0.1:9/v1/', prices: { 'org/model': price, other: price } },
    keyless: { baseUrl: 'https://k.example/v1', apiKeyEnv: 'KEYLESS', prices: { m: price } },
  },
  tasks: { mail: { ...task, fallbacks: ['p/other'] }, intents: task },
});
const providers = providersOf(config, {});
const tasks = tasksOf(config, providers);
const registered = (id: string, of: string) => ({
  ...{ id, task: of, directory: `/${id}`, digest: id, certificate: null, promotedAt: null },
  createdAt: new Date(5_000),
});
const students = [registered('s1', 'mail'), registered('s2', 'gone')];
const choice = choiceOf({
  config,
  tasks,
  providers,
  store: {
    students: {
      get: async (id: string) => students.find((one) => one.id === id),
      list: async () => students,
      // Nothing here registers one.
      register: () => Promise.reject(new Error('unused')),
      promote: () => Promise.reject(new Error('unused')),
      rollBack: () => Promise.reject(new Error('unused')),
      before: () => Promise.reject(new Error('unused')),
      current: () => Promise.reject(new Error('unused')),
    },
  },
});

const named = async (model: unknown, header?: string) => {
  try {
    const { task: found, teachers, student } = await matchTarget(choice, model, header);
    if (student) return `${found?.name} by ${student.id}`;
    return found?.name ?? `${teachers[0].provider.name} ${teachers[0].model}`;
  } catch (error) {
    return error instanceof ApiError ? [error.status, error.code] : error;
  }
};

test('a task knows its teachers, in order', () => {
  expect(tasks.get('mail')?.teachers).toMatchObject([
    {
      model: 'org/model',
      price,
      provider: { name: 'p', urls: { chat: new URL('http://127.0.0.1:9/v1/chat/completions') } },
    },
    { model: 'other' },
  ]);
});

test.each([
  ['kolben/mail', undefined, 'mail'],
  ['gpt-4.1', 'intents', 'intents'],
  ['p/org/model', 'intents', 'intents'],
  [undefined, 'intents', 'intents'],
  ['kolben/mail', 'mail', 'mail'],
  ['p/org/model', undefined, 'p org/model'],
  ['p/other', undefined, 'p other'],
  ['student/s1', undefined, 'mail by s1'],
  ['kolben/mail', 'intents', [400, 'task_contradiction']],
  ['kolben/nope', 'mail', [400, 'task_contradiction']],
  ['gpt-4.1', undefined, [404, 'model_not_found']],
  ['mail', undefined, [404, 'model_not_found']],
  ['KOLBEN/mail', undefined, [404, 'model_not_found']],
  ['kolben/toString', undefined, [404, 'model_not_found']],
  ['constructor/x', undefined, [404, 'model_not_found']],
  ['p/toString', undefined, [404, 'model_not_found']],
  ['p/unpriced', undefined, [404, 'model_not_found']],
  ['keyless/m', undefined, [404, 'model_not_found']],
  ['student/s2', undefined, [404, 'model_not_found']],
  ['student/nope', undefined, [404, 'model_not_found']],
  ['gpt-4.1', '__proto__', [404, 'model_not_found']],
  ['gpt-4.1', '', [404, 'model_not_found']],
  [undefined, undefined, [400, 'model_missing']],
  ['', undefined, [400, 'model_missing']],
  [7, undefined, [400, 'model_missing']],
])('model %j and header %j: %j', async (model, header, expected) => {
  expect(await named(model, header)).toEqual(expected);
});

test('what isn’t there is not repeated to whoever asked for it, what is there is', async () => {
  await expect(matchTarget(choice, 'kolben/<script>', undefined)).rejects.toThrow(
    'The model does not exist here; what there is: kolben/mail, kolben/intents, and what GET /v1/models lists beside.',
  );
  await expect(matchTarget({ ...choice, tasks: new Map() }, 'x', undefined)).rejects.toThrow(
    'nothing yet (the configuration has no tasks)',
  );
});

test('all that is listed can be called', async () => {
  const listed = [...choice.teachers(), ...(await choice.students())].map(({ name }) => name);
  expect(listed).toEqual(['p/org/model', 'p/other', 'student/s1']);
  for (const name of listed) expect(await named(name)).toEqual(expect.any(String));
});
