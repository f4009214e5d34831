import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Example } from '@kolben/store';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import type { Ask, ChatRequest, Reply } from './ask.ts';
import { type LabelExamplesOptions, labelExamples, requestFor } from './label-examples.ts';
import { LabellingError } from './labelling-error.ts';
import { WorkFile } from './work-file.ts';
import { rejectedFile, writeLabelled } from './write-labelled.ts';

const price = { inputPerMillion: 2, outputPerMillion: 8 };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kolben-label-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const input = (text: string, more: Partial<Example> = {}): Example => ({
  messages: [{ role: 'user', content: text }],
  answer: undefined,
  extra: {},
  ...more,
});

const textOf = ({ messages }: ChatRequest) => messages.at(-1)!.content;

function reply(content: string, more: Partial<Reply> & { message?: object; choice?: object } = {}): Reply {
  const { message = {}, choice = {}, ...rest } = more;
  return {
    status: 200,
    headers: {},
    body: {
      choices: [{ message: { role: 'assistant', content, ...message }, finish_reason: 'stop', ...choice }],
    },
    cost: 0.0001,
    ...rest,
  };
}

const failure = (status: number, error: object = {}, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers,
  body: { error },
});

/** Labels with a teacher of the test's, in a work file of its own unless one is given. */
async function label(
  examples: readonly Example[],
  answer: (text: string, request: ChatRequest) => Reply | Promise<Reply>,
  options: Partial<LabelExamplesOptions> & { file?: string } = {},
) {
  const file = options.file ?? join(folder(), 'work');
  const work = await WorkFile.open(file);
  const asked: ChatRequest[] = [];
  const slept: number[] = [];
  let clock = Date.now();
  const outcomes = new Map<Example, unknown>();
  const ask: Ask = async (request) => {
    asked.push(request);
    return answer(textOf(request), request);
  };
  const run = labelExamples({
    teacher: 'mock/big',
    price,
    examples,
    work,
    ask,
    sleep: async (ms) => {
      slept.push(ms);
      clock += ms;
    },
    now: () => clock,
    random: () => 0.5,
    onOutcome: (example, outcome) => outcomes.set(example, outcome),
    ...options,
  });
  const report = await run.finally(() => work.close());
  return { report, asked, slept, outcomes, file };
}

describe('asking', () => {
  it('asks what has no answer, each input once, with a prompt where there is none', async () => {
    const system = { role: 'system', content: 'Own.' };
    const examples = [
      input('one'),
      input('two', { messages: [system, { role: 'user', content: 'two' }] }),
      input('one'),
      input('done', { answer: 'x' }),
    ];
    const { report, asked } = await label(examples, (text) => reply(text.toUpperCase()), {
      prompt: 'Which?',
    });
    expect(report).toMatchObject({
      read: 4,
      answered: 1,
      labelled: 3,
      unanswered: 0,
      calls: 2,
      rejected: {},
    });
    expect(report.spent).toBeCloseTo(0.0002, 9);
    expect(asked.map(({ messages }) => messages.map(({ content }) => content))).toEqual([
      ['Which?', 'one'],
      ['Own.', 'two'],
    ]);
    expect(asked[0]).toMatchObject({ temperature: 0, logprobs: true });
    expect(asked[0]).not.toHaveProperty('max_tokens');
  });

  it('as many at once as it may, never more', async () => {
    let [now, most] = [0, 0];
    let full = () => {};
    const seven = new Promise<void>((resolve) => {
      full = resolve;
    });
    const examples = Array.from({ length: 40 }, (_, i) => input(`${i}`));
    await label(
      examples,
      async () => {
        most = Math.max(most, ++now);
        if (now === 7) full();
        await seven;
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return reply('a');
      },
      { concurrency: 7 },
    );
    expect(most).toBe(7);
  });

  it('many at once are no leak to be warned of, though each listens for the stop', async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error) => void warnings.push(warning);
    process.on('warning', keep);
    onTestFinished(() => void process.off('warning', keep));
    const examples = Array.from({ length: 32 }, (_, i) => input(`${i}`));
    const ask: Ask = async (_, signal) => {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        setTimeout(resolve, 5);
      });
      return reply('ham');
    };
    const { report } = await label(examples, () => reply('ham'), { ask, concurrency: 32 });
    await new Promise(setImmediate);
    expect({ labelled: report.labelled, warnings }).toEqual({ labelled: 32, warnings: [] });
  });

  it('several votes make soft labels', async () => {
    const said = ['a', 'b', 'b', 'a', 'b'];
    const example = input('one');
    const { outcomes, asked } = await label([example], () => reply(said.shift()!), { votes: 5 });
    expect(outcomes.get(example)).toEqual({ answer: 'b', votes: { b: 3, a: 2 } });
    expect(asked[0]!.temperature).toBe(1);
  });

  it('waits when told to, all together, and tries again', async () => {
    let busy = 3;
    const { report, slept } = await label([input('one')], () =>
      busy-- > 0 ? failure(429, {}, { 'retry-after': '3' }) : reply('a'),
    );
    expect(report).toMatchObject({ labelled: 1, calls: 4 });
    expect(Math.max(...slept)).toBeGreaterThan(2000);
    const broken = [failure(503), failure(500), reply('a')];
    expect((await label([input('one')], () => broken.shift()!)).report.labelled).toBe(1);
  });

  it('a connection that breaks is tried again; one that stays broken leaves the input for later', async () => {
    let n = 0;
    const { report, file } = await label(
      [input('one'), input('two')],
      (text) => {
        if (text === 'two' || n++ === 0) throw new Error('gone');
        return reply('a');
      },
      { attempts: 3 },
    );
    expect(report).toMatchObject({ labelled: 1, unanswered: 1, rejected: {} });
    const again = await label([input('one'), input('two')], () => reply('b'), { file });
    expect(again.report).toMatchObject({ labelled: 2, reused: 1, calls: 1 });
  });

  it.each([
    ['logprobs', 'Unrecognized request argument: logprobs', 'logprobs'],
    ['logprobs, without saying so', 'Bad request', 'logprobs'],
    ['a temperature', "Unsupported value: 'temperature'", 'temperature'],
  ])('a teacher that refuses %s is asked without from then on', async (_, message, member) => {
    const examples = Array.from({ length: 5 }, (_, i) => input(`${i}`));
    const { report, asked } = await label(
      examples,
      (_text, request) => (member in request ? failure(400, { message }) : reply('a')),
      { concurrency: 1 },
    );
    expect(report).toMatchObject({ labelled: 5, calls: 6 });
    expect(asked.filter((request) => member in request)).toHaveLength(1);
  });

  it('a teacher that knows the limit of tokens under its newer name gets that', async () => {
    const { report, asked } = await label(
      [input('one'), input('two')],
      (_text, request) =>
        'max_tokens' in request
          ? failure(400, {
              message: "Use 'max_completion_tokens' instead of max_tokens.",
              param: 'max_tokens',
            })
          : reply('a'),
      { budget: 1, concurrency: 1 },
    );
    expect(report).toMatchObject({ labelled: 2, calls: 3 });
    expect(asked[2]).toMatchObject({ max_completion_tokens: 2048, logprobs: true });
  });

  it('an input that the provider will not take is set apart, not asked for ever', async () => {
    const { report, outcomes } = await label([input('long'), input('b')], (text) =>
      text === 'long' ? failure(400, { message: 'context length exceeded' }) : reply('a'),
    );
    expect(report).toMatchObject({ labelled: 1, rejected: { request_refused: 1 } });
    expect([...outcomes.values()]).toContainEqual({
      rejected: 'request_refused',
      said: 'context length exceeded',
    });
  });
});

describe('a teacher of no use', () => {
  const many = Array.from({ length: 100 }, (_, i) => input(`${i}`));

  it.each([
    ['whose key is refused', failure(502, { code: 'provider_refused_key', message: 'Key refused.' })],
    ['that does not exist', failure(404, { message: 'No such model.' })],
    ['whose account is empty', failure(429, { code: 'insufficient_quota', message: 'Pay first.' })],
  ])('%s is not asked again', async (_, answer) => {
    const tried = label(many, () => answer, { concurrency: 4 });
    await expect(tried).rejects.toMatchObject({ code: 'labelling_refused' });
  });

  it('that talks nonsense half way is stopped, and what it said before is kept', async () => {
    const file = join(folder(), 'work');
    let calls = 0;
    const tried = label(many, () => reply(calls++ < 40 ? 'spam' : 'fhqwhgads'), {
      file,
      labels: ['spam', 'ham'],
      concurrency: 4,
      failuresInARow: 10,
    });
    await expect(tried).rejects.toThrow(/10 calls in a row.*outside labels, "fhqwhgads"/);
    await expect(tried).rejects.toBeInstanceOf(LabellingError);
    expect(calls).toBeLessThanOrEqual(40 + 10 + 4);
    const again = await label(many, () => reply('ham'), { file, labels: ['spam', 'ham'] });
    expect(again.report.reused).toBe(calls);
    expect(again.report.labelled + again.report.rejected.outside_labels!).toBe(100);
    expect(again.report.labelled).toBeGreaterThanOrEqual(90 - 4);
  });

  it('that is a student is none', async () => {
    const tried = label(many, () => reply('a', { answeredBy: 'student' }));
    await expect(tried).rejects.toMatchObject({ code: 'labelling_not_the_teacher' });
  });
});

test('when interrupted it asks nothing more, and keeps the answers under way', async () => {
  const stop = new AbortController();
  const file = join(folder(), 'work');
  const examples = Array.from({ length: 50 }, (_, i) => input(`${i}`));
  let calls = 0;
  const tried = label(
    examples,
    async () => {
      if (++calls === 10) stop.abort(new Error('enough'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      return reply('a');
    },
    { file, concurrency: 5, signal: stop.signal },
  );
  await expect(tried).rejects.toThrow('enough');
  const before = calls;
  expect(before).toBeLessThan(16);
  const again = await label(examples, () => reply('a'), { file });
  expect(again.report).toMatchObject({ labelled: 50, reused: before, calls: 50 - before });
});

test('a price cap holds whatever calls cost, over any number of processes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        budget: fc.double({ min: 0.0001, max: 0.3, noNaN: true }),
        inputs: fc.integer({ min: 1, max: 40 }),
        concurrency: fc.integer({ min: 1, max: 12 }),
        inPrice: fc.double({ min: 0, max: 50, noNaN: true }),
        outPrice: fc.double({ min: 0, max: 200, noNaN: true }),
        maxTokens: fc.integer({ min: 1, max: 400 }),
        seed: fc.nat(),
      }),
      async ({ budget, inputs, concurrency, inPrice, outPrice, maxTokens, seed }) => {
        let state = seed + 1;
        const random = () => {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          return state / 2 ** 32;
        };
        const path = mkdtempSync(join(tmpdir(), 'kolben-cap-'));
        const file = join(path, 'work');
        let billed = 0;
        const examples = Array.from({ length: inputs }, (_, i) => input(`text ${i} `.repeat(1 + (i % 5))));
        try {
          for (let process = 0; process < 3; process++) {
            const { report } = await label(
              examples,
              async (text) => {
                await new Promise((resolve) => setImmediate(resolve));
                const usage = {
                  prompt_tokens: Math.floor(random() * (text.length + 20)),
                  completion_tokens: Math.floor(random() * (maxTokens + 1)),
                };
                const cost = (usage.prompt_tokens * inPrice + usage.completion_tokens * outPrice) / 1e6;
                billed += cost;
                if (random() < 0.1) return { ...failure(500), cost };
                const answer = reply('a', { cost: random() < 0.5 ? cost : undefined });
                return random() < 0.5 ? answer : { ...answer, body: { ...(answer.body as object), usage } };
              },
              {
                file,
                budget,
                concurrency,
                price: { inputPerMillion: inPrice, outputPerMillion: outPrice },
                maxTokens,
                attempts: 2,
              },
            );
            expect(billed).toBeLessThanOrEqual(budget);
            expect(report.spent).toBeLessThanOrEqual(budget);
            if (report.stoppedBy === null) expect(report.unanswered === 0 || report.calls > 0).toBe(true);
            else expect(report.unanswered).toBeGreaterThan(0);
          }
        } finally {
          rmSync(path, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe('the work file', () => {
  it('a line that a crash broke off is cut away, and its input asked again', async () => {
    const file = join(folder(), 'work');
    const examples = Array.from({ length: 8 }, (_, i) => input(`${i}`));
    await label(examples, () => reply('a'), { file, concurrency: 1 });
    truncateSync(file, statSync(file).size - 5);
    const { report } = await label(examples, () => reply('b'), { file });
    expect(report).toMatchObject({ labelled: 8, reused: 7, calls: 1 });
  });

  it('a call that was under way counts with the most it may have cost', async () => {
    const file = join(folder(), 'work');
    await label([input('a')], () => reply('a', { cost: 0.25 }), { file });
    appendFileSync(file, `${JSON.stringify({ asked: 'lost#0', most: 0.5, at: 1 })}\n`);
    const { report } = await label([input('a'), input('b')], () => reply('a', { cost: 0 }), {
      file,
      budget: 1,
    });
    expect(report.spent).toBeCloseTo(0.75, 8);
    const later = await label([input('a'), input('b')], () => reply('a', { cost: 0 }), { file, budget: 1 });
    expect(later.report).toMatchObject({ calls: 0, reused: 2 });
    expect(later.report.spent).toBeCloseTo(0.75, 8);
  });

  it('a call that the gateway has recorded is not asked again', async () => {
    const file = join(folder(), 'work');
    const settings = { teacher: 'mock/big', price };
    await label([input('a')], () => reply('a'), { file });
    const { questionKey } = await import('./unit-key.ts');
    const unit = `${questionKey(requestFor(input('b'), settings), 'mock/big')}#0`;
    const requestId = 'of b';
    appendFileSync(file, `${JSON.stringify({ asked: unit, requestId, most: 0.5, at: Date.now() })}\n`);
    const recorded = async function* (since: Date) {
      expect(since.getTime()).toBeLessThan(Date.now());
      const of = (id: string, requestId: string, answer: string) => ({
        ...{ id, requestId, cost: 0.125 },
        response: reply(answer).body as Record<string, unknown>,
      });
      yield of('call_2', 'of another', 'of another');
      yield of('call_1', requestId, 'from the record');
    };
    const b = input('b');
    const { report, outcomes } = await label([input('a'), b], () => reply('asked'), { file, recorded });
    expect(report).toMatchObject({ calls: 0, reused: 2 });
    expect(outcomes.get(b)).toEqual({ answer: 'from the record' });
    expect(report.spent).toBeCloseTo(0.1251, 8);
  });

  it('never cuts a file that is something else', async () => {
    const file = join(folder(), 'work');
    writeFileSync(file, 'My notes, without a line end');
    await expect(label([input('a')], () => reply('a'), { file })).rejects.toMatchObject({
      code: 'labelling_work_file',
    });
    expect(readFileSync(file, 'utf8')).toBe('My notes, without a line end');
    await expect(WorkFile.open(join(file, 'inside'))).rejects.toBeInstanceOf(LabellingError);
  });
});

test('the file has the order of the inputs, and all that the teacher said', async () => {
  const path = folder();
  const settings = { teacher: 'mock/big', price, labels: ['spam', 'ham'] };
  const examples = [
    input('slow', { id: '7', extra: { source: 'mail' }, conversation: 'c', at: new Date(0) }),
    input('odd'),
    input('given', { answer: 'ham' }),
    input('fast'),
  ];
  const file = join(path, 'work');
  await label(
    examples,
    async (text) => {
      if (text === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
      const logprobs = {
        content: [{ token: 'spam', logprob: -0.1, top_logprobs: [{ token: 'ham', logprob: -2.4 }] }],
      };
      if (text === 'odd') return reply('eggs');
      return reply('spam', { message: { reasoning_content: 'Hm.' }, choice: { logprobs } });
    },
    { file, ...settings },
  );
  const work = await WorkFile.open(file);
  const out = join(path, 'out.jsonl');
  const stream = async function* () {
    yield* examples;
  };
  expect(await writeLabelled(out, stream(), work, settings)).toEqual({ written: 3, rejected: 1 });
  await work.close();
  const lines = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ messages }) => messages[0].content)).toEqual(['slow', 'given', 'fast']);
  expect(lines[0]).toMatchObject({
    id: '7',
    conversation: 'c',
    at: '1970-01-01T00:00:00.000Z',
    source: 'mail',
    messages: [{ content: 'slow' }, { role: 'assistant', content: 'spam', reasoning_content: 'Hm.' }],
  });
  expect(lines[0].shares.spam).toBeCloseTo(Math.exp(-0.1), 10);
  expect(lines[0].shares.ham).toBeCloseTo(Math.exp(-2.4), 10);
  expect(lines[0].logprobs).toHaveLength(1);
  const apart = JSON.parse(readFileSync(rejectedFile(out), 'utf8'));
  expect(apart).toEqual({
    messages: [{ role: 'user', content: 'odd' }],
    unlabelled: true,
    rejected: { reason: 'outside_labels', said: 'eggs' },
  });
});
