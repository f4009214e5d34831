import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCall } from '../testing/make-call.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

const folder = emptyFolder();
afterAll(() => folder.remove());
const at = (name: string) => join(folder.path, name);

const withCalls = (calls: number) => [
  ...['--calls-per-day', String(calls)],
  ...['--prompt-tokens', '800', '--answer-tokens', '20'],
  ...['--input-per-million', '1', '--output-per-million', '10'],
];
const figures = [...withCalls(5_000), '--coverage', '0.8'];
async function json(...args: string[]) {
  const { stdout, stderr, code } = await callKolben(['economics', ...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}
const fails = async (...args: string[]) => {
  const { stdout, stderr, code } = await callKolben(['economics', ...args]);
  expect(stdout).toBe('');
  return { code, stderr };
};

describe('with figures alone', () => {
  it('reckons the three ways, and says where each figure comes from', async () => {
    const { result, figures: used, missing, task } = await json(...figures, '--upkeep-hours', '0');
    expect({ task, missing }).toEqual({ task: null, missing: [] });
    expect(used.callsPerDay).toEqual({ value: 5_000, source: 'given' });
    expect(used.electricity.source).toBe('assumption');
    const [teacher, cascade, student] = result.ways;
    // 800 tokens at $1 and 20 at $10 a million are a thousandth of a dollar.
    expect(teacher.perMonth.value).toBeCloseTo(5 * (365.25 / 12), 9);
    expect(cascade.parts.teacher).toBeCloseTo(teacher.perMonth.value * 0.2, 9);
    expect(cascade.parts.audits).toBeCloseTo(teacher.perMonth.value * 0.8 * 0.05, 9);
    expect(student.perMonth.value).toBeLessThan(cascade.perMonth.value);
    expect(cascade.perMonth.low).toBeLessThan(cascade.perMonth.high);
  });

  it('says the sentence that matters, and what is lost', async () => {
    const good = await callKolben(['economics', ...withCalls(500000), '--coverage', '0.8']);
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(
      /it saves \$[\d.,]+ a month \(80 %: .*\) and has paid for itself after [\d.]+ months/,
    );
    expect(good.stdout).toContain('no certificate covers them');
    expect(good.stdout).toMatch(/USD a month +API +own hardware +rented server +rented GPU\n/);
    expect(good.stdout).toMatch(/teacher alone +\$15,218\.75 +– +– +–\n/);
    expect(good.stdout).toMatch(/electricity +0\.3 +USD per kWh +assumption/);
    const bad = await callKolben(['economics', ...withCalls(5), '--coverage', '0.8']);
    expect(bad.stdout).toContain('at these figures it does not pay for itself.');
  });

  it('says what is missing, and refuses what can’t be', async () => {
    expect(await fails('--coverage', '0.8')).toEqual({
      code: 1,
      stderr: expect.stringContaining('give --calls-per-day, --prompt-tokens, --answer-tokens,'),
    });
    expect(await fails(...withCalls(5_000), '--coverage', '1.2')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--coverage must be a number from 0 to 1'),
    });
    expect(await fails(...figures, '--hosting', 'cloud')).toMatchObject({ code: 2 });
    expect(await fails(...figures, '--teacher', 'gpt')).toMatchObject({ code: 2 });
    expect(await fails(...figures, '--cached-tokens', '900')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("can't come from a cache"),
    });
  });

  it('reads a file of assumptions; options go before it', async () => {
    writeFileSync(at('a.json'), JSON.stringify({ electricity: 0.5, coverage: 0.1 }));
    const { figures: used } = await json(...figures, '--assumptions', at('a.json'));
    expect(used.electricity).toEqual({ value: 0.5, source: 'given' });
    expect(used.coverage.value).toBe(0.8);
    writeFileSync(at('b.json'), JSON.stringify({ elektricity: 0.5 }));
    writeFileSync(at('c.json'), '{');
    for (const [name, word] of [
      ['b.json', 'elektricity'],
      ['c.json', 'is no JSON'],
      ['d.json', "can't be read"],
    ] as const)
      expect(await fails(...figures, '--assumptions', at(name))).toEqual({
        code: 1,
        stderr: expect.stringContaining(word),
      });
  });
});

describe('with a task', () => {
  const config = () => ['--config', at('kolben.config.json')];

  beforeAll(async () => {
    writeFileSync(
      at('kolben.config.json'),
      JSON.stringify({
        dataDirectory: '.kolben',
        providers: {
          openai: {
            baseUrl: 'https://api.openai.com/v1',
            prices: { own: { inputPerMillion: 2, outputPerMillion: 8 } },
          },
        },
        tasks: {
          mails: { kind: 'classify', teacher: 'openai/own', audit: 0.02 },
          quiet: { kind: 'classify', teacher: 'openai/gpt-4.1-mini' },
        },
      }),
    );
    const store = await openStore({ directory: at('.kolben') });
    const started = Date.now() - 10 * 86_400_000;
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => {
        const call = makeCall(`text ${i}`, 'ham');
        const usage = { promptTokens: 300 + i, completionTokens: 4, cachedTokens: 50, estimated: false };
        return store.calls.record({ ...call, at: new Date(started + i * 1_000), usage });
      }),
    );
    const certificate = {
      ...{ alpha: 0.05, delta: 0.05, threshold: 0.9, coverage: 0.75, n: 300 },
      ...{ coverageInterval: [0.7, 0.8], disagreementUpperBound: 0.04 },
    };
    await store.students.register({ task: 'mails', directory: at('gone'), digest: 'd1', certificate });
    await store.close();
  });

  it('takes from the store and the configuration what they know', async () => {
    const { figures: used, teacher, student, calls, prices } = await json('--task', 'mails', ...config());
    expect(used.callsPerDay).toEqual({ value: expect.closeTo(10, 1), source: 'recorded' });
    expect(used.promptTokens).toEqual({ value: 349.5, source: 'recorded' });
    expect(used.cachedTokens).toEqual({ value: 50, source: 'recorded' });
    expect(used.inputPerMillion).toEqual({ value: 2, source: 'configuration' });
    expect(used.coverage).toEqual({ value: 0.75, source: 'certificate' });
    expect(used.coverageExamples).toEqual({ value: 400, source: 'certificate' });
    expect(used.auditShare).toEqual({ value: 0.02, source: 'configuration' });
    expect(used.cachedInputPerMillion).toEqual({ value: null, source: 'none' });
    expect({ teacher, calls: calls.n }).toEqual({ teacher: 'openai/own', calls: 100 });
    expect(student).toMatch(/^student_/);
    expect(prices.map(({ model }: { model: string }) => model).sort()).toEqual(['gpt-4.1-mini', 'own']);
  });

  it('another teacher brings its own prices, with the package’s date', async () => {
    const { figures: used } = await json('--task', 'mails', '--teacher', 'openai/gpt-4.1-mini', ...config());
    expect(used.inputPerMillion.source).toBe('price package');
    const { stdout } = await callKolben(['economics', '--task', 'mails', ...config()]);
    expect(stdout).toMatch(/openai\/own +2 \/ – \/ 8 .*configuration/);
    expect(stdout).toMatch(/genai-prices 0\.1\.8, release of the package 2026-09-23 +https:/);
    expect(await fails('--task', 'mails', '--teacher', 'openai/no-such', ...config())).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /what openai\/no-such costs: .* give --input-per-million, --output-per-million/,
      ),
    });
  });

  it('without calls and student it says what to give; a task that isn’t there, which are', async () => {
    expect(await fails('--task', 'quiet', ...config())).toEqual({
      code: 1,
      stderr: expect.stringContaining('give --calls-per-day, --prompt-tokens, --answer-tokens, --coverage.'),
    });
    expect(await fails('--task', 'nope', ...config())).toMatchObject({
      stderr: expect.stringContaining('it has: mails, quiet'),
    });
  });
});
