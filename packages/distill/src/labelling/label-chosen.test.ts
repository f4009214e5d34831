import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';
import { expect, it, onTestFinished } from 'vitest';
import { splitSizes } from '../datasets/split-sizes.ts';
import type { Ask } from './ask.ts';
import { type LabelChosenOptions, labelChosen } from './label-chosen.ts';
import { WorkFile } from './work-file.ts';
import { writeLabelled } from './write-labelled.ts';

const settings = { teacher: 'mock/big', price: { inputPerMillion: 0, outputPerMillion: 1 } };

function workPath(): string {
  const path = mkdtempSync(join(tmpdir(), 'kolben-chosen-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'work');
}

const stream = randomStream(5);
const word = () =>
  Array.from({ length: 5 }, () => 'bcdfghklmnprstaeiou'[Math.floor(uniform(stream) * 19)]).join('');
const texts = Array.from({ length: 900 }, () => Array.from({ length: 5 }, word).join(' '));
const input = (content: string, answer?: string): Example => ({
  messages: [{ role: 'user', content }],
  answer,
  extra: {},
});
const usual = (text: string) => (text.charCodeAt(0) + text.charCodeAt(7)) % 3;

async function run(
  examples: readonly Example[],
  choose: number,
  {
    file = workPath(),
    answer = (text: string) => `answer ${usual(text)}`,
    ...options
  }: Partial<LabelChosenOptions> & { file?: string; answer?: (text: string) => string } = {},
) {
  const work = await WorkFile.open(file);
  const asked: string[] = [];
  const ask: Ask = async ({ messages }) => {
    const text = messages.at(-1)!.content;
    asked.push(text);
    return {
      status: 200,
      headers: {},
      body: { choices: [{ message: { role: 'assistant', content: answer(text) }, finish_reason: 'stop' }] },
      cost: 0.0001,
    };
  };
  try {
    const done = await labelChosen({ ...settings, examples, ask, work, choose, seed: 0, ...options });
    const of = (kind: string) =>
      examples.filter((one) => done.drawnOf(one) === kind).map(({ messages }) => messages[0]!.content);
    await writeLabelled(
      `${file}.jsonl`,
      (async function* () {
        yield* examples;
      })(),
      work,
      settings,
      undefined,
      done.drawnOf,
    );
    const lines = readFileSync(`${file}.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return { ...done, asked, random: of('random'), chosen: of('chosen'), lines, file };
  } finally {
    await work.close();
  }
}

it('asks for so many, each once, as many by lot as judge, and marks them; what had an answer passes through', async () => {
  const examples = [...texts, ...texts.slice(0, 50)].map((text) => input(text));
  examples.push(input('already answered', 'yes'));
  const { report, asked, random, chosen, lines } = await run(examples, 600);
  expect(asked).toHaveLength(600);
  expect(new Set(asked).size).toBe(600);
  const judging = 600 - splitSizes(600).train;
  expect(report).toMatchObject({
    calls: 600,
    labelled: 600,
    answered: 1,
    unanswered: 0,
    pool: 900,
    drawn: { random: judging, chosen: 600 - judging },
  });
  expect(new Set(random).size).toBe(judging);
  expect(new Set([...random, ...chosen])).toEqual(new Set(asked));
  // Those that stand there twice have their answer twice.
  expect(lines).toHaveLength(random.length + chosen.length + 1);
  expect(lines.at(-1)).not.toHaveProperty('drawn');
  expect(new Set(lines.slice(0, -1).map(({ drawn }) => drawn))).toEqual(new Set(['random', 'chosen']));
});

it('chooses without a look at what the lot drew and how that was answered', async () => {
  const first = await run(
    texts.map((text) => input(text)),
    600,
  );
  const drawn = new Set(first.random);
  const other = await run(
    texts.map((text) => input(text)),
    600,
    {
      answer: (text) => (drawn.has(text) ? `otherwise ${text.length}` : `answer ${usual(text)}`),
    },
  );
  expect(other.random).toEqual(first.random);
  expect(other.chosen).toEqual(first.chosen);
  // Answers to the chosen ones count, once the first round is over.
  const changed = await run(
    texts.map((text) => input(text)),
    600,
    {
      answer: (text) => `answer ${text.charCodeAt(1) % 3}`,
    },
  );
  expect(changed.random).toEqual(first.random);
  expect(changed.chosen).not.toEqual(first.chosen);
});

it('keeps to a price cap over all rounds and processes, and goes on to the same choice', async () => {
  const examples = texts.map((text) => input(text));
  const whole = await run(examples, 600);
  const file = workPath();
  const capped = await run(examples, 600, { file, budget: 0.05, maxTokens: 100 });
  expect(capped.report.stoppedBy).toBe('budget');
  expect(capped.report.spent).toBeLessThanOrEqual(0.05);
  expect(capped.report.labelled).toBeGreaterThan(splitSizes(600).train * 0.5);
  expect(capped.report.labelled + capped.report.unanswered).toBe(600);
  const rest = await run(examples, 600, { file, budget: 1, maxTokens: 100 });
  expect(rest.report).toMatchObject({ labelled: 600, unanswered: 0, stoppedBy: null });
  expect(rest.asked.length + capped.asked.length).toBe(600);
  expect(rest.report.spent).toBeCloseTo(0.06, 6);
  expect(rest.chosen).toEqual(whole.chosen);
});

it('has nothing to choose where all may be asked', async () => {
  const { report, chosen } = await run(
    texts.slice(0, 80).map((text) => input(text)),
    100,
  );
  expect(report).toMatchObject({ labelled: 80, drawn: { random: 80, chosen: 0 } });
  expect(chosen).toEqual([]);
});
