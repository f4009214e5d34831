import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { combineVotes, type Labelled } from './combine-votes.ts';
import { labelShares } from './label-shares.ts';
import { judgeAnswer, readAnswer } from './read-answer.ts';
import { retryDelay, waits } from './retry-delay.ts';

const completion = (message: object, more: object = {}) => ({
  choices: [{ message: { role: 'assistant', ...message }, finish_reason: 'stop', ...more }],
});

describe('what a completion says', () => {
  it.each([
    ['an answer', completion({ content: ' spam\n' }), { answer: 'spam' }],
    [
      'one with reasoning',
      completion({ content: 'spam', reasoning_content: 'It sells.' }),
      { answer: 'spam', reasoning: 'It sells.' },
    ],
    [
      'reasoning under its other name',
      completion({ content: 'spam', reasoning: 'It sells.' }),
      { answer: 'spam', reasoning: 'It sells.' },
    ],
    ['a refusal', completion({ content: null, refusal: 'No.' }), { rejected: 'refused', said: 'No.' }],
    ['nothing', completion({ content: '' }), { rejected: 'empty' }],
    ['no content at all', completion({}), { rejected: 'empty' }],
    [
      'an answer without an end',
      completion({ content: 'spa' }, { finish_reason: 'length' }),
      { rejected: 'cut_short', said: 'spa' },
    ],
    [
      'a filtered one',
      completion({ content: '' }, { finish_reason: 'content_filter' }),
      { rejected: 'filtered' },
    ],
    ['something else', 'hello', { rejected: 'not_an_answer' }],
    ['no choice', { choices: [] }, { rejected: 'not_an_answer' }],
    ['an image', completion({ content: [{ type: 'image_url' }] }), { rejected: 'not_an_answer' }],
  ])('%s', (_, body, outcome) => {
    expect(readAnswer(body)).toEqual(outcome);
  });

  it('what is no label is set apart, and stays it until it is one', () => {
    const said = readAnswer(completion({ content: 'sapm' }));
    expect(judgeAnswer(said, new Set(['spam', 'ham']))).toEqual({ rejected: 'outside_labels', said: 'sapm' });
    expect(judgeAnswer(said, new Set(['spam', 'sapm']))).toEqual({ answer: 'sapm' });
    expect(judgeAnswer(said, undefined)).toEqual({ answer: 'sapm' });
  });
});

describe('shares of labels', () => {
  const token = (text: string, p: number, others: [string, number][] = []) => ({
    token: text,
    logprob: Math.log(p),
    top_logprobs: [[text, p] as [string, number], ...others].map(([t, q]) => ({
      token: t,
      logprob: Math.log(q),
    })),
  });

  it('follow the paths that the teacher did not take', () => {
    const labels = new Set(['card_lost', 'card_late', 'refund', 'rest', 'other']);
    const tokens = [
      // "re" begins two labels, "the" none; of a tenth nothing is told, and white space tells nothing either.
      token('card', 0.6, [
        ['ref', 0.1],
        ['re', 0.1],
        ['the', 0.05],
        ['\n', 0.05],
      ]),
      token('_l', 1),
      token('ost', 0.75, [['ate', 0.25]]),
    ];
    const shares = labelShares(tokens, labels, 'card_lost')!;
    const whole = 1 - 0.05;
    const wanted = { card_lost: 0.45, card_late: 0.15, refund: 0.1 + 0.05, rest: 0.05 };
    expect(Object.keys(shares).sort()).toEqual(Object.keys(wanted).sort());
    for (const [label, mass] of Object.entries(wanted)) expect(shares[label]).toBeCloseTo(mass / whole, 10);
    expect(Object.keys(shares)[0]).toBe('card_lost');
    // What a server has rounded up stays within 1.
    const rounded = labelShares([token('a', 0.7, [['b', 0.31]])], new Set(['a', 'b']), 'a')!;
    expect(rounded.a! + rounded.b!).toBeCloseTo(1, 10);
  });

  it('give nothing where the tokens are not those of the answer', () => {
    expect(labelShares([token('card', 1)], new Set(['card_lost', 'x']), 'card_lost')).toBeUndefined();
    expect(labelShares([], new Set(['a']), 'a')).toBeUndefined();
    expect(labelShares([{ token: 3 }], new Set(['a']), 'a')).toBeUndefined();
  });

  test('of any tree of tokens they are the probabilities of its leaves', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[ab]{3}$/), { minLength: 2, maxLength: 8 }),
        fc.array(fc.double({ min: 0.05, max: 0.95, noNaN: true }), { minLength: 7, maxLength: 7 }),
        fc.nat(),
        (leaves, chances, pick) => {
          // One character is a token; `p('')` is the chance of an a at the root, and so on.
          const p = (before: string) => {
            const next = new Set(
              leaves.filter((leaf) => leaf.startsWith(before)).map((leaf) => leaf[before.length]),
            );
            if (next.size === 1) return next.has('a') ? 1 : 0;
            return chances[Number.parseInt(`1${before.replaceAll('a', '0').replaceAll('b', '1')}`, 2) - 1]!;
          };
          const answer = leaves[pick % leaves.length]!;
          const tokens = [...answer].map((letter, i) => {
            const a = p(answer.slice(0, i));
            const other = letter === 'a' ? 'b' : 'a';
            return token(letter, letter === 'a' ? a : 1 - a, [[other, other === 'a' ? a : 1 - a]]);
          });
          const shares = labelShares(tokens, new Set(leaves), answer)!;
          const chance = (leaf: string) =>
            [...leaf].reduce(
              (c, letter, i) => c * (letter === 'a' ? p(leaf.slice(0, i)) : 1 - p(leaf.slice(0, i))),
              1,
            );
          // What hangs on a branch not taken has its chance between all of it.
          expect(shares[answer]).toBeCloseTo(chance(answer), 6);
          for (const [i, letter] of [...answer].entries()) {
            const branch = answer.slice(0, i) + (letter === 'a' ? 'b' : 'a');
            const on = leaves.filter((leaf) => leaf.startsWith(branch));
            const sum = (of: (leaf: string) => number) => on.reduce((all, leaf) => all + of(leaf), 0);
            expect(sum((leaf) => shares[leaf] ?? 0)).toBeCloseTo(sum(chance), 6);
          }
          expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
        },
      ),
    );
  });
});

describe('votes', () => {
  it('the majority wins, and of two alike the first', () => {
    const vote = (answer: string) => ({ answer });
    expect(combineVotes(['a', 'b', 'b'].map(vote))).toEqual({ answer: 'b', votes: { b: 2, a: 1 } });
    expect(combineVotes(['b', 'a'].map(vote))).toMatchObject({ answer: 'b' });
    expect(combineVotes([{ rejected: 'empty' }, vote('a')])).toEqual({ answer: 'a', votes: { a: 1 } });
    expect(combineVotes([{ rejected: 'empty' }, { rejected: 'refused' }])).toEqual({ rejected: 'empty' });
    expect(combineVotes([vote('a')])).toEqual({ answer: 'a' });
  });

  it('shares are the mean of all votes, of which one without says its answer alone', () => {
    const votes = [
      { answer: 'a', shares: { a: 0.5, b: 0.4 } },
      { answer: 'b', shares: { b: 0.8, a: 0.2 } },
      { answer: 'b' },
    ];
    const { shares, votes: counts } = combineVotes(votes) as Labelled;
    expect(counts).toEqual({ b: 2, a: 1 });
    expect(shares!.b).toBeCloseTo(2.2 / 3, 10);
    expect(shares!.a).toBeCloseTo(0.7 / 3, 10);
  });
});

describe('how long to wait', () => {
  it('as long as the provider says', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryDelay({ 'retry-after': '7' }, 1, 0.5, now)).toBe(7000);
    expect(retryDelay({ 'retry-after-ms': '120', 'retry-after': '7' }, 1, 0.5, now)).toBe(120);
    expect(retryDelay({ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, 1, 0.5, now)).toBe(9000);
    expect(retryDelay({ 'retry-after': '999999' }, 1, 0.5, now)).toBe(waits.longestAsked);
  });

  it('else longer each time, up to a bound', () => {
    const delays = Array.from({ length: 12 }, (_, i) => retryDelay({ 'retry-after': 'soon' }, i + 1, 1, 0));
    expect(delays[0]).toBe(waits.first);
    expect(delays[1]).toBe(2 * waits.first);
    expect(delays.at(-1)).toBe(waits.longest);
    expect(retryDelay(undefined, 3, 0, 0)).toBeGreaterThan(0);
  });
});
