import type { Example } from '@kolben/store';
import { describe, expect, it } from 'vitest';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { type Dataset, SPLITS } from './dataset.ts';
import { freezeDataset } from './freeze-dataset.ts';

const pool = parcelExamples(400, { noise: 0 });
const answered = (answer: (example: Example, i: number) => string): Example[] =>
  pool.map((example, i) => ({ ...example, answer: answer(example, i) }));
const all = (dataset: Dataset) => SPLITS.flatMap((split) => dataset.splits[split]);
const refusal = (i: number) => `I'm sorry, but I can't help with request ${i}.`;

describe('freezeDataset, by kind', () => {
  it('extract: answers in one form, contradictions by what they say', async () => {
    const examples = answered(({ answer }, i) => `{"queue": "${answer}", "n": ${i}}`);
    const again = examples.slice(0, 60).map((one, i) => ({
      ...one,
      answer: i < 50 ? `{ "n": ${i}.0,\n "queue": ${JSON.stringify(pool[i]!.answer)} }` : '{"queue": "else"}',
    }));
    const dataset = await freezeDataset([...examples, ...again], { seed: 0 });
    expect(dataset).toMatchObject({ kind: 'extract', multiple: false, labels: [] });
    expect(dataset.counts).toMatchObject({ n: 390, conflicts: 10, duplicatesRemoved: 50, contradicting: 20 });
    expect(dataset.selfAgreement).toEqual({ inputs: 60, agreement: 50 / 60 });
    for (const { answer } of all(dataset)) expect(answer).toMatch(/^\{"n":\d+,"queue":"\w+"\}$/);
  });

  it('classify with several labels: as sets', async () => {
    const examples = answered(({ answer }, i) =>
      JSON.stringify(i % 2 === 0 ? [answer, 'all'] : ['all', answer]),
    );
    const again = pool.slice(0, 20).map((one) => ({ ...one, answer: JSON.stringify(['all', one.answer]) }));
    const dataset = await freezeDataset(
      [
        ...examples,
        ...again,
        { ...pool[0]!, messages: [{ role: 'user', content: 'none of it' }], answer: '[]' },
      ],
      { seed: 0 },
    );
    expect(dataset).toMatchObject({ kind: 'classify', multiple: true });
    expect(dataset.labels).toEqual(['address', 'all', 'damage', 'delay', 'refund', 'thanks']);
    expect(dataset.selfAgreement).toEqual({ inputs: 20, agreement: 1 });
    expect(all(dataset).find(({ text }) => text === 'none of it')?.answer).toBe('[]');
    for (const { answer } of all(dataset)) {
      const labels = JSON.parse(answer) as string[];
      expect(labels).toEqual([...labels].sort());
    }
  });

  it('generate: whatever is said', async () => {
    const dataset = await freezeDataset(
      answered((_, i) => `Dear customer ${i},\n thank you.`),
      { seed: 0 },
    );
    expect(dataset).toMatchObject({ kind: 'generate', labels: [] });
    expect(dataset.counts.n).toBe(400);
    expect((await freezeDataset(pool, { seed: 0, kind: 'generate' })).kind).toBe('generate');
  });

  it.each([
    ['classify', (one: Example) => one.answer!],
    ['extract', (one: Example) => `{"queue": "${one.answer}"}`],
    ['several labels', (one: Example) => `["${one.answer}"]`],
  ])('%s leaves out a few refusals and says so', async (_, answer) => {
    const dataset = await freezeDataset(
      answered((one, i) => (i % 80 === 3 ? refusal(i) : answer(one))),
      { seed: 0 },
    );
    expect(dataset.counts).toMatchObject({ strays: 5, n: 395 });
    expect(dataset.warnings).toEqual([
      expect.stringMatching(/^5 examples were left out because what the teacher said is/),
    ]);
    for (const one of all(dataset)) expect(one.answer).not.toContain('sorry');
  });

  it('keeps refusals that are many, with a warning', async () => {
    const dataset = await freezeDataset(
      answered((one, i) => (i % 10 === 3 ? refusal(0) : one.answer!)),
      { seed: 0 },
    );
    expect(dataset.counts.strays).toBe(0);
    expect(dataset.warnings.join('\n')).toContain('40 of 400 answers look like refusals');
  });

  it.each([
    ['extract', undefined, 'dataset_not_json', 'no JSON object'],
    ['classify', true, 'dataset_not_lists', 'no JSON list'],
  ] as const)('refuses %s where the answers are something else', async (kind, multiple, code, words) => {
    const good = kind === 'extract' ? '{"a": 1}' : '["a"]';
    const examples = answered((_, i) => (i >= 7 && i % 10 === 7 ? 'nonsense' : good));
    const asked = { seed: 0, kind, source: 'mails.jsonl', ...(multiple && { multiple }) };
    const refused = freezeDataset(examples, asked);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(`mails.jsonl: 40 of 400 answers are ${words}`);
    await expect(refused).rejects.toThrow('that of example 8;');
    await expect(refused).rejects.not.toThrow('nonsense');
  });
});

describe('freezeDataset, with a teacher that changes its mind', () => {
  const day = 24 * 3600 * 1000;
  const start = Date.UTC(2026, 0, 1);
  /** Everything is asked twice, forty days apart, over a hundred days. */
  const asked = (answer: (label: string, at: number) => string) =>
    pool.flatMap((one, i) =>
      [0, 40].map((later) => {
        const at = start + (i % 60) * day + later * day + i;
        return { ...one, answer: answer(one.answer!, at), at: new Date(at) };
      }),
    );

  it('names the day, and the answer that changed most', async () => {
    const since = start + 50 * day;
    const dataset = await freezeDataset(
      asked((label, at) => (label === 'delay' && at >= since ? 'late' : label)),
      { seed: 0 },
    );
    const warning = dataset.warnings.find((one) => one.includes('changed its mind'))!;
    const [, named] = /about (\d{4}-\d\d-\d\d)/.exec(warning)!;
    expect(Math.abs(Date.parse(named!) - since)).toBeLessThanOrEqual(2 * day);
    expect(warning).toContain('from delay to late');
  });

  it('does not where it only wavers', async () => {
    let i = 0;
    const dataset = await freezeDataset(
      asked((label) => (i++ % 17 === 0 ? 'late' : label)),
      { seed: 0 },
    );
    expect(dataset.counts.conflicts).toBeGreaterThan(30);
    expect(dataset.warnings.join('\n')).not.toContain('changed its mind');
  });
});

describe('freezeDataset, soft labels', () => {
  it('are shares by log-probabilities, by votes, or of answers given more than once, and are handed on', async () => {
    const [voted, repeated, weighed, both, sure, open] = pool;
    const examples = [
      ...pool.slice(6),
      { ...voted!, answer: 'delay', extra: { votes: { delay: 3, ' refund ': 1 } } },
      ...['thanks', 'thanks', 'refund'].map((answer) => ({ ...repeated!, answer })),
      // Less than a thousandth is no share of anybody's, and what is no number is somebody else's.
      {
        ...weighed!,
        answer: 'delay',
        extra: { shares: { delay: 0.6, refund: 0.3, thanks: 0.0005 }, votes: 'x' },
      },
      // Three votes and one more answer: 3 × (0.8, 0.2) and 1.
      { ...both!, answer: 'delay', extra: { votes: { delay: 3 }, shares: { delay: 0.8, refund: 0.2 } } },
      { ...both!, answer: 'delay' },
      { ...sure!, answer: 'delay', extra: { shares: { delay: 0.9995 } } },
      { ...open!, answer: 'delay', extra: { shares: { delay: 0.7 } } },
    ];
    const wanted = [
      { delay: 0.75, refund: 0.25 },
      { thanks: 2 / 3, refund: 1 / 3 },
      { delay: 0.6, refund: 0.3 },
      { delay: 0.85, refund: 0.15 },
      undefined,
      { delay: 0.7 },
    ];
    const softOf = (dataset: Dataset, i: number) =>
      all(dataset).find(({ text }) => text === pool[i]!.messages[0]!.content)?.soft;
    const dataset = await freezeDataset(examples, { seed: 0 });
    for (const i of wanted.keys()) expect(softOf(dataset, i), `${i}`).toEqual(wanted[i]);
    expect(softOf(dataset, 6)).toBeUndefined();
    const shuffled = await freezeDataset([...examples].reverse(), { seed: 0 });
    expect(shuffled.digest).toBe(dataset.digest);
    const next = await freezeDataset(pool.slice(50, 60), { seed: 0, parent: dataset });
    for (const [i, shares] of wanted.entries()) {
      expect(Object.keys(softOf(next, i) ?? {})).toEqual(Object.keys(shares ?? {}));
      for (const [answer, share] of Object.entries(shares ?? {}))
        expect(softOf(next, i)![answer], `${i}`).toBeCloseTo(share!, 5);
    }
  });
});

describe('freezeDataset, redaction', () => {
  const private_ = (i: number) => `please call 0664 ${1_000_000 + i} about parcel ${i * 7919}`;
  it('is on unless told otherwise, counts, and makes the same of what differs in personal data alone', async () => {
    const examples = [
      ...pool,
      { ...pool[0]!, messages: [{ role: 'user', content: 'write to a@example.org' }], answer: 'delay' },
      { ...pool[0]!, messages: [{ role: 'user', content: 'write to b@example.org' }], answer: 'delay' },
      { ...pool[0]!, messages: [{ role: 'user', content: private_(1) }], answer: 'delay' },
    ];
    const dataset = await freezeDataset(examples, { seed: 0 });
    expect(dataset.counts).toMatchObject({ redacted: 3, n: 402, duplicatesRemoved: 1 });
    expect(dataset.redaction).toEqual({
      version: 1,
      countries: ['AT', 'DE', 'CH'],
      patterns: [],
      found: { mail: 2, phone: 1 },
    });
    expect(all(dataset).map(({ text }) => text)).toContain('write to [mail]');
    const open = await freezeDataset(examples, { seed: 0, redact: false });
    expect(open.redaction).toBeNull();
    expect(open.counts).toMatchObject({ redacted: 0, n: 403 });
    expect(open.digest).not.toBe(dataset.digest);
  });

  it('reaches the answers too, and takes patterns of one’s own', async () => {
    const examples = pool.map((one, i) => ({
      ...one,
      messages: [{ role: 'user', content: `${private_(i)} for K-${1000 + i}` }],
      answer: JSON.stringify({ phone: `0664 ${1_000_000 + i}`, customer: `K-${1000 + i}`, parcel: i }),
    }));
    const dataset = await freezeDataset(examples, {
      seed: 0,
      redact: { patterns: [{ name: 'customer', pattern: /K-\d+/ }] },
    });
    for (const { text, answer } of all(dataset)) {
      expect(text).toMatch(/^please call \[phone\] about parcel \d+ for \[customer\]$/);
      expect(JSON.parse(answer)).toEqual({
        phone: '[phone]',
        customer: '[customer]',
        parcel: expect.any(Number),
      });
    }
    expect(dataset.redaction?.patterns).toEqual([{ name: 'customer', source: 'K-\\d+', flags: '' }]);
  });
});
