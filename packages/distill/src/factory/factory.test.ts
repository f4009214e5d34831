import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Drawn, Example } from '@kolben/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SPLITS } from '../datasets/dataset.ts';
import type { Ask, Reply } from '../labelling/ask.ts';
import { WorkFile } from '../labelling/work-file.ts';
import { evaluateStudent } from '../students/evaluate-student.ts';
import { openStudent } from '../students/open-student.ts';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { distillWhileLabelling, type FactoryOptions } from './factory.ts';
import { LabelSlots } from './label-slots.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-factory-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const answered = parcelExamples(900);
const textOf = (example: Pick<Example, 'messages'>) => example.messages.at(-1)!.content;
const answers = new Map(answered.map((example) => [textOf(example), example.answer!]));
const inputs = answered.map((example) => ({ ...example, answer: undefined }));

const reply = (content: string): Reply => ({
  status: 200,
  headers: {},
  body: { choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }] },
  cost: 0.001,
});

async function factory(
  name: string,
  ask: Ask,
  options: Partial<Omit<FactoryOptions, 'labelling'>> & { labelling?: object } = {},
) {
  const work = await WorkFile.open(join(folder, `${name}.work`));
  const { labelling, ...rest } = options;
  return distillWhileLabelling({
    inputs,
    out: join(folder, name),
    task: 'parcels',
    alpha: 0.2,
    chips: 1,
    timeBudget: 3600,
    ...rest,
    labelling: {
      ask,
      work,
      teacher: 'mock/big',
      price: { inputPerMillion: 1, outputPerMillion: 1 },
      concurrency: 8,
      ...labelling,
    },
  }).finally(() => work.close());
}

describe('the factory', () => {
  test('trains while labels arrive, late kinds of labels among them, and certifies what it has trained', async () => {
    let asked = 0;
    let stepsBeforeTheLast = 0;
    let steps = 0;
    let release = () => {};
    /** The teacher falls silent until training has begun; its first answers lack one of the labels. */
    const trains = new Promise<void>((resolve) => {
      release = resolve;
    });
    const report = await factory(
      'student',
      async ({ messages }) => {
        const answer = answers.get(textOf({ messages: [...messages] }))!;
        if (++asked > 500) await trains;
        stepsBeforeTheLast = steps;
        return reply(asked <= 500 && answer === 'thanks' ? 'refund' : answer);
      },
      {
        onProgress: ({ phase, done }) => {
          if (phase !== 'train') return;
          steps = done ?? 0;
          if (steps >= 3) release();
        },
      },
    );
    expect(stepsBeforeTheLast).toBeGreaterThanOrEqual(3);
    expect(report.labelling).toMatchObject({ labelled: 900, unanswered: 0, stoppedBy: null });
    expect(report.task).toMatchObject({ labels: ['address', 'damage', 'delay', 'refund', 'thanks'] });
    expect(SPLITS.reduce((sum, split) => sum + report.dataset[split], 0)).toBe(report.dataset.n);
    expect(report.certificate === null ? report.reason : report.certificate.coverage).toBeTruthy();
    expect(await readdir(join(folder, 'student'))).toContain('kolben.json');
    const measured = await evaluateStudent(join(folder, 'student'), answered.slice(500));
    expect(measured.agreement).toBeGreaterThan(0.6);
  }, 600_000);

  test('a teacher that fails ends the training too, leaves no student, and keeps its answers', async () => {
    let asked = 0;
    const failing = factory(
      'none',
      async ({ messages }) => {
        if (++asked > 700) return { status: 401, headers: {}, body: { error: { message: 'No.' } } };
        return reply(answers.get(textOf({ messages: [...messages] }))!);
      },
      {},
    );
    await expect(failing).rejects.toMatchObject({ code: 'labelling_refused' });
    expect(await readdir(folder)).not.toContain('none');
    const work = await WorkFile.open(join(folder, 'none.work'));
    expect(work.size).toBe(700);
    await work.close();
  }, 300_000);

  test('what was all paid for trains as one after the other does, with a checkpoint', async () => {
    // Goes on from the answers of the teacher that failed.
    const stopped = new Error('stopped');
    const until = async (enough: () => boolean, ask: Ask) => {
      const ending = new AbortController();
      const onProgress: FactoryOptions['onProgress'] = ({ phase }) => {
        if (phase === 'train' && enough()) ending.abort(stopped);
      };
      await expect(factory('none', ask, { onProgress, signal: ending.signal })).rejects.toBe(stopped);
    };
    let labelled = 0;
    await until(
      () => labelled === 200,
      async ({ messages }) => {
        labelled++;
        return reply(answers.get(textOf({ messages: [...messages] }))!);
      },
    );
    expect(labelled).toBe(200);
    const checkpoint = join(folder, '.none.training.safetensors');
    expect(existsSync(checkpoint)).toBe(false);
    await until(
      () => existsSync(checkpoint),
      async () => expect.fail('asked again'),
    );
    expect(existsSync(checkpoint)).toBe(true);
  }, 300_000);

  test('chooses whom to ask, lets none of those judge, learns how the teacher wavers, and goes on after a kill', async () => {
    const labels = ['address', 'damage', 'delay', 'refund', 'thanks'];
    const marks = new Map<string, Drawn | undefined>();
    const stopped = new Error('stopped');
    const ending = new AbortController();
    const checkpoint = join(folder, '.chosen.training.safetensors');
    const ask: Ask = async ({ messages }, _, { drawn }) => {
      const text = textOf({ messages: [...messages] });
      if (marks.has(text)) expect.fail('asked again');
      marks.set(text, drawn);
      const answer = answers.get(text)!;
      // It is never sure of a delay.
      const logprobs = [
        {
          token: answer,
          logprob: Math.log(0.6),
          top_logprobs: [{ token: 'damage', logprob: Math.log(0.4) }],
        },
      ];
      const given = reply(answer);
      const [choice] = (given.body as { choices: object[] }).choices;
      return answer === 'delay'
        ? { ...given, body: { choices: [{ ...choice, logprobs: { content: logprobs } }] } }
        : given;
    };
    const options = {
      ...{ choose: { count: 240, seed: 0 }, inputs: inputs.slice(0, 400), labelling: { labels } },
      onProgress: ({ phase }: { phase: string }) => {
        if (phase === 'train' && existsSync(checkpoint)) ending.abort(stopped);
      },
    };
    await expect(factory('chosen', ask, { ...options, signal: ending.signal })).rejects.toBe(stopped);
    const report = await factory('chosen', ask, options);
    expect(report.training.resumedAt).toBeGreaterThan(0);
    expect(report.labelling).toMatchObject({ labelled: 240, calls: 0, reused: 240 });
    expect(marks.size).toBe(240);
    const chosen = [...marks].filter(([, drawn]) => drawn === 'chosen').map(([text]) => text);
    expect(report.drawnOf!({ messages: [{ role: 'user', content: chosen[0]! }] } as Example)).toBe('chosen');
    expect(chosen.length).toBeGreaterThan(120);
    expect(report.dataset.train).toBeGreaterThanOrEqual(chosen.length);
    const student = await openStudent(join(folder, 'chosen'));
    const given = await student.answer(answered.slice(600).map(textOf));
    await student.close();
    const meanConfidence = (wanted: boolean) => {
      const those = given.filter(({ answer }) => (answer === 'delay') === wanted);
      return those.reduce((sum, { confidence }) => sum + confidence / those.length, 0);
    };
    expect(meanConfidence(true)).toBeLessThan(meanConfidence(false) - 0.1);
  }, 300_000);

  test('too few answers end in the sentence of the dataset', async () => {
    const few = factory('few', async () => reply('delay'), { inputs: inputs.slice(0, 40) });
    await expect(few).rejects.toMatchObject({ code: 'dataset_too_small' });
    const one = factory('one', async () => reply('delay'), { inputs: inputs.slice(0, 400) });
    await expect(one).rejects.toMatchObject({ code: 'dataset_one_label' });
  }, 300_000);
});

test('places for labels are taken in turn, and there are no more than there are', () => {
  const slots = new LabelSlots(['a', 'b'], 1);
  expect(slots.names).toHaveLength(3);
  expect(slots.take('b')).toBe(true);
  expect(slots.take('c')).toBe(true);
  expect(slots.take('c')).toBe(true);
  expect(slots.take('d')).toBe(false);
  expect(slots.names).toEqual(['a', 'b', 'c']);
});
