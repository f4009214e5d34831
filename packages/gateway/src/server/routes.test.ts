import OpenAI from 'openai';
import { expect, test } from 'vitest';
import type { ServingStudent } from '../students/student.ts';
import { newFolder, type TestOptions, testGateway, wordStudent } from '../testing/gateway-in-test.ts';
import { completion, plainly, streaming } from '../testing/mock-provider.ts';

const spam = plainly(completion('spam'));
const says = (content: string) => ({ model: 'kolben/mail', messages: [{ role: 'user' as const, content }] });
const mail = says('You win a prize');

/** A gateway with this student registered for its task. */
async function withStudent(student: ServingStudent, options: TestOptions = {}, behaviour = spam) {
  const directory = newFolder();
  const loaded: string[] = [];
  const test = await testGateway(behaviour, {
    loadStudent: (from) => {
      loaded.push(from);
      return Promise.resolve(student);
    },
    ...options,
  });
  const { certificate, digest } = student;
  const registered = await test.store.students.register({ task: 'mail', directory, digest, certificate });
  return { ...test, registered, directory, loaded };
}

const kolbenHeaders = (response: Response) =>
  Object.fromEntries(
    [...response.headers].filter(([name]) => name.startsWith('x-kolben') && name !== 'x-kolben-call-id'),
  );

test('cascade: the student answers what it is sure of, as a chat completion, and the teacher isn’t asked', async () => {
  const { client, provider, calls, registered } = await withStudent(wordStudent(), {
    route: 'cascade',
  });
  const { data, response } = await client.chat.completions.create(mail).withResponse();
  expect(data).toEqual({
    id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
    object: 'chat.completion',
    created: expect.any(Number),
    model: 'kolben/mail',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'spam', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 },
  });
  expect(kolbenHeaders(response)).toEqual({
    'x-kolben-answered-by': 'student',
    'x-kolben-reason': 'confident',
    'x-kolben-route': 'cascade',
    'x-kolben-confidence': '0.990000',
    'x-kolben-certified': 'true',
    'x-kolben-cost-usd': '0',
    'x-kolben-teacher-cost-usd': '0.000016',
    'x-kolben-cost-avoided-usd': '0.000016',
  });
  expect(provider.asked).toHaveLength(0);
  expect(await calls()).toMatchObject([
    {
      route: 'cascade',
      answeredBy: 'student',
      provider: null,
      model: null,
      response: data,
      status: 'ok',
      usage: { promptTokens: 4, completionTokens: 1, estimated: true },
      cost: 0,
      // 4 tokens at 2 and 1 at 8 USD per million
      teacherCost: 0.000016,
      student: { id: registered.id, answer: 'spam', confidence: 0.99, certified: true },
      streamed: false,
    },
  ]);
});

test('cascade: what the student isn’t sure of goes to the teacher, and its word is kept beside', async () => {
  const { client, provider, calls } = await withStudent(wordStudent(), { route: 'cascade' });
  const { data, response } = await client.chat.completions.create(says('sure 0.79 hello')).withResponse();
  expect(data.choices[0]?.message.content).toBe('spam');
  expect(kolbenHeaders(response)).toMatchObject({
    'x-kolben-answered-by': 'teacher',
    'x-kolben-reason': 'unsure',
    'x-kolben-confidence': '0.790000',
    'x-kolben-certified': 'false',
  });
  expect(provider.asked).toHaveLength(1);
  expect(await calls()).toMatchObject([
    { answeredBy: 'teacher', student: { answer: 'ham', confidence: 0.79, certified: false }, cost: 0.000081 },
  ]);
});

test('a streamed student’s answer goes through the official helper, with usage for who asks', async () => {
  const { client, calls } = await withStudent(wordStudent(), { route: 'cascade' });
  const stream = client.chat.completions.stream(mail);
  const deltas: string[] = [];
  stream.on('content', (delta) => deltas.push(delta));
  const final = await stream.finalChatCompletion();
  expect(deltas).toEqual(['spam']);
  expect(final.choices[0]).toMatchObject({
    message: { role: 'assistant', content: 'spam' },
    finish_reason: 'stop',
  });
  expect(final.usage).toBeUndefined();
  const chunks = [];
  for await (const chunk of await client.chat.completions.create({
    ...mail,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    chunks.push(chunk);
  }
  expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
    { role: 'assistant', content: '', refusal: null },
    { content: 'spam' },
    {},
    undefined,
  ]);
  expect(chunks.map(({ usage }) => usage)).toEqual([
    null,
    null,
    null,
    { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 },
  ]);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  const recorded = await calls();
  expect(recorded.map(({ streamed, answeredBy, status }) => [streamed, answeredBy, status])).toEqual([
    [true, 'student', 'ok'],
    [true, 'student', 'ok'],
  ]);
  expect(recorded[1]?.response).toMatchObject({
    object: 'chat.completion',
    choices: [{ message: { content: 'spam' } }],
  });
});

test('the teacher’s cost of a student’s answer is estimated from what the teacher counted before', async () => {
  const { client, store, calls } = await withStudent(wordStudent(), { route: 'teacher' });
  // 40 tokens for 15 characters of prompt, of which a quarter cached, and 2 for 4 characters of answer.
  await client.chat.completions.create(mail);
  await store.routes.set('mail', 'cascade');
  const answer = await client.chat.completions.create(says('You win a prize'.repeat(2)));
  expect(answer.usage).toEqual({ prompt_tokens: 80, completion_tokens: 2, total_tokens: 82 });
  const [, call] = await calls();
  expect(call).toMatchObject({
    answeredBy: 'student',
    cost: 0,
    usage: { promptTokens: 80, cachedTokens: 20, estimated: true },
  });
  expect(call?.teacherCost).toBeCloseTo((60 * 2 + 20 * 0.5 + 2 * 8) / 1e6, 12);
  expect(await store.ledger.totals()).toMatchObject({ calls: 2, saved: call?.teacherCost });
});

test.each<[string, object]>([
  ['tools', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }],
  ['several answers', { n: 2 }],
  ['a JSON answer', { response_format: { type: 'json_object' } }],
  ['log-probabilities', { logprobs: true }],
  [
    'an image',
    {
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] },
      ],
    },
  ],
  ['nothing to read', { messages: [{ role: 'system', content: 'You win' }] }],
])(
  'a request with %s is the teacher’s in cascade, and a 400 where there is only the student',
  async (_what, more) => {
    const { chat, store, provider, calls } = await withStudent(wordStudent(), { route: 'cascade' });
    const response = await chat({ ...mail, ...more });
    expect(kolbenHeaders(response)).toMatchObject({
      'x-kolben-answered-by': 'teacher',
      'x-kolben-reason': 'request-unsupported',
    });
    expect(provider.asked).toHaveLength(1);
    await store.routes.set('mail', 'student');
    const refused = await chat({ ...mail, ...more });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { type: 'invalid_request_error', code: 'request_unsupported', param: expect.any(String) },
    });
    expect(provider.asked).toHaveLength(1);
    expect((await calls()).map(({ status, error }) => [status, error?.code])).toEqual([
      ['ok', undefined],
      ['error', 'request_unsupported'],
    ]);
  },
);

test('cascade without a certificate behaves as teacher, and says why', async () => {
  const { client, calls } = await withStudent(wordStudent({ certificate: null }), { route: 'cascade' });
  const { response } = await client.chat.completions.create(mail).withResponse();
  expect(kolbenHeaders(response)).toMatchObject({
    'x-kolben-answered-by': 'teacher',
    'x-kolben-reason': 'no-certificate',
  });
  expect((await calls())[0]).toMatchObject({ answeredBy: 'teacher', student: { certified: false } });
});

test('cascade without a student behaves as teacher; the student’s route without one is a 503', async () => {
  const { client, store } = await testGateway(spam, { route: 'cascade' });
  const { response } = await client.chat.completions.create(mail).withResponse();
  expect(kolbenHeaders(response)).toMatchObject({
    'x-kolben-answered-by': 'teacher',
    'x-kolben-reason': 'no-student',
  });
  await store.routes.set('mail', 'student');
  await expect(client.chat.completions.create(mail)).rejects.toMatchObject({
    status: 503,
    code: 'student_missing',
  });
});

test('student: it answers always, and says where nothing is promised', async () => {
  const { client, provider, calls } = await withStudent(wordStudent(), { route: 'student' });
  const sure = await client.chat.completions.create(mail).withResponse();
  const unsure = await client.chat.completions.create(says('sure 0.3')).withResponse();
  expect(sure.response.headers.get('x-kolben-certified')).toBe('true');
  expect(unsure.response.headers.get('x-kolben-certified')).toBe('false');
  expect(unsure.data.choices[0]?.message.content).toBe('ham');
  expect(provider.asked).toHaveLength(0);
  expect((await calls()).map(({ answeredBy, route }) => [answeredBy, route])).toEqual([
    ['student', 'student'],
    ['student', 'student'],
  ]);
});

test('shadow: the teacher answers and doesn’t wait for the student, whose word is recorded with it', async () => {
  let answerNow = () => {};
  const slow: ServingStudent = {
    ...wordStudent(),
    answer: () =>
      new Promise((resolve) => {
        answerNow = () => resolve([{ answer: 'ham', confidence: 0.6, certified: false }]);
      }),
  };
  const { client, store, calls } = await withStudent(slow, { route: 'shadow' });
  const { data, response } = await client.chat.completions.create(mail).withResponse();
  expect(data.choices[0]?.message.content).toBe('spam');
  expect(kolbenHeaders(response)).toMatchObject({
    'x-kolben-answered-by': 'teacher',
    'x-kolben-route': 'shadow',
  });
  expect(response.headers.get('x-kolben-confidence')).toBeNull();
  expect(await store.calls.count()).toBe(0);
  answerNow();
  expect(await calls()).toMatchObject([
    { route: 'shadow', answeredBy: 'teacher', student: { answer: 'ham', confidence: 0.6, certified: false } },
  ]);
});

test('shadow works with streams, and without a student as well', async () => {
  const { client, calls } = await withStudent(wordStudent(), { route: 'shadow' }, streaming(['spam']));
  await client.chat.completions.stream(mail).finalChatCompletion();
  expect((await calls())[0]).toMatchObject({ streamed: true, student: { answer: 'spam' } });
  const without = await testGateway(spam, { route: 'shadow' });
  await without.client.chat.completions.create(mail);
  expect((await without.calls())[0]).toMatchObject({ answeredBy: 'teacher', student: null });
});

test('a route that is switched while the gateway runs holds for the next call', async () => {
  const { client, store } = await withStudent(wordStudent());
  const by = async () =>
    (await client.chat.completions.create(mail).withResponse()).response.headers.get('x-kolben-answered-by');
  expect(await by()).toBe('teacher');
  await store.routes.set('mail', 'cascade');
  expect(await by()).toBe('student');
  await store.routes.set('mail', 'shadow');
  expect(await by()).toBe('teacher');
});

test('a student that is registered while the gateway runs answers without a restart, its successor too', async () => {
  const students = new Map<string, ServingStudent>();
  const { client, store, calls } = await testGateway(spam, {
    route: 'cascade',
    loadStudent: (directory) => Promise.resolve(students.get(directory)!),
  });
  await client.chat.completions.create(mail);
  const register = async (digest: string) => {
    const directory = newFolder();
    const student = wordStudent({ digest });
    students.set(directory, student);
    const { id } = await store.students.register({
      task: 'mail',
      directory,
      digest,
      certificate: student.certificate,
    });
    return { id, student };
  };
  const one = await register('one');
  await client.chat.completions.create(mail);
  const two = await register('two');
  // The first call that sees the new student has it loaded, and is answered by the old one meanwhile.
  await client.chat.completions.create(mail);
  await client.chat.completions.create(mail);
  const asked = (await calls()).map(({ student }) => student?.id);
  expect(asked[0]).toBeUndefined();
  expect(asked[1]).toBe(one.id);
  expect([one.id, two.id]).toContain(asked[2]);
  expect(asked[3]).toBe(two.id);
  expect(one.student.closed).toBe(1);
});

test('a student folder that can’t be loaded: the teacher answers, the operator is told, the gateway lives', async () => {
  const { client, events, registered, store } = await withStudent(wordStudent(), {
    route: 'cascade',
    loadStudent: () => Promise.reject(Object.assign(new Error('secret words'), { code: 'student_broken' })),
  });
  const { response } = await client.chat.completions.create(mail).withResponse();
  expect(kolbenHeaders(response)).toMatchObject({
    'x-kolben-answered-by': 'teacher',
    'x-kolben-reason': 'student-failed',
  });
  expect(events).toContainEqual({
    level: 'error',
    event: 'student_not_loaded',
    directory: registered.directory,
    reason: 'student_broken',
  });
  await store.routes.set('mail', 'student');
  await expect(client.chat.completions.create(mail)).rejects.toMatchObject({
    status: 503,
    code: 'student_failed',
  });
});

test.each<[string, () => Promise<never[]>]>([
  ['throws', () => Promise.reject(new Error('out of memory'))],
  ['says nothing', () => Promise.resolve([])],
  ['never comes back', () => new Promise(() => {})],
])('a student that %s: the teacher answers', async (_how, answer) => {
  const { client, events } = await withStudent(
    { ...wordStudent(), answer },
    { route: 'cascade', config: { limits: { studentMs: 50 } } },
  );
  const { data, response } = await client.chat.completions.create(mail).withResponse();
  expect(data.choices[0]?.message.content).toBe('spam');
  expect(response.headers.get('x-kolben-reason')).toBe('student-failed');
  expect(events).toContainEqual(expect.objectContaining({ event: 'student_failed', task: 'mail' }));
});

test('students in service are loaded before the first call, from the configuration too', async () => {
  const loaded: string[] = [];
  const student = wordStudent();
  const { gateway, client, calls } = await testGateway(spam, {
    route: 'cascade',
    task: { student: '/somewhere/student' },
    loadStudent: (directory) => {
      loaded.push(directory);
      return Promise.resolve(student);
    },
  });
  expect(loaded).toEqual(['/somewhere/student']);
  await client.chat.completions.create(mail);
  expect(loaded).toHaveLength(1);
  // It isn't registered, so its digest names it.
  expect((await calls())[0]?.student?.id).toBe('digest-1');
  await gateway.close();
  expect(student.closed).toBe(1);
});

test('what the student reads is what it was taught from: no instructions, parts joined', async () => {
  const student = wordStudent();
  const { client } = await withStudent(student, { route: 'cascade' });
  await client.chat.completions.create({
    model: 'kolben/mail',
    messages: [
      { role: 'system', content: 'Answer spam or ham.' },
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
    ],
  });
  expect(student.asked).toEqual(['one\ntwo']);
});

test('the official client knows the refusals as its own errors', async () => {
  const { client } = await withStudent(wordStudent(), { route: 'student' });
  await expect(client.chat.completions.create({ ...mail, n: 3 })).rejects.toBeInstanceOf(
    OpenAI.BadRequestError,
  );
});
