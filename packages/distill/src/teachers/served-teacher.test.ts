import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chip, startChip } from '@kolben/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TaughtRow } from '../students/decoder/prompt.ts';
import { decoderFromScratch } from '../students/decoder/recipe.ts';
import { decoderTrainable } from '../students/decoder/train-student.ts';
import { trainOnChips } from '../students/train-on-chips.ts';
import { writeSmallQwen3, writeStories } from '../testing/small-decoder.ts';
import { serveTokens, type TokenServer } from '../testing/token-server.ts';
import { type LocalTeacher, openLocalTeacher } from './local-teacher.ts';
import { type AskTokens, openServedTeacher } from './served-teacher.ts';
import type { SoftTargets } from './soft-targets.ts';

const data = process.env.KOLBEN_TEST_DATA;
const required = process.env.KOLBEN_TEST_REQUIRE === '1';

let folder: string;
let chips: Chip[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-served-'));
  chips = [await startChip(0)];
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** What a client of such servers does: see `askTokens` of the gateway. */
const asking = (url: string): AskTokens => {
  return async (prompt, top) => {
    const response = await fetch(`${url}/completions`, {
      method: 'POST',
      body: JSON.stringify({ prompt, logprobs: top, max_tokens: 1 }),
    });
    const { choices } = (await response.json()) as {
      choices: { logprobs: { content: { top_logprobs: Told[] }[] } }[];
    };
    return choices[0]!.logprobs.content[0]!.top_logprobs.map(({ token, logprob, ...rest }) => ({
      ...rest,
      text: token,
      logProbability: logprob,
    }));
  };
};
interface Told {
  readonly id: number;
  readonly token: string;
  readonly bytes: number[];
  readonly logprob: number;
}

describe.skipIf(!required && !data)('stories260K behind a server', () => {
  let server: TokenServer;
  let local: LocalTeacher;
  let served: LocalTeacher;
  let rows: TaughtRow[];
  beforeAll(async () => {
    expect(data, 'KOLBEN_TEST_DATA').toBeDefined();
    await writeStories(join(folder, 'stories'), data!);
    local = await openLocalTeacher(join(folder, 'stories'), chips);
    server = await serveTokens(join(folder, 'stories'));
    served = await openServedTeacher({
      name: 'llama',
      tokenizer: join(folder, 'stories'),
      ask: asking(server.url),
    });
    rows = ['Once upon a time there was a dog', 'Tom and Lily went to the park', 'She said "no"', 'Ä 🙂'].map(
      (text) => {
        const tokens = [...local.begin, ...local.tokenizer.encode(text)];
        return { tokens: [...tokens, local.end], answer: 3 };
      },
    );
  });
  afterAll(async () => {
    await server.close();
    await local.release();
  });

  const lossBy = async (soft: readonly SoftTargets[], known: number) => {
    const recipe = {
      ...{ ...decoderFromScratch, dropout: 0, epochs: 1, mostEpochs: 1, leastSteps: 0, averaged: 0 },
      ...{ batch: 4, microbatches: 2 },
      distribution: { known, share: 1, reverse: 0.5, temperature: 2 },
    };
    const shape = {
      ...{ vocabulary: local.vocabulary, width: 16, layers: 1, heads: 2, keyValueHeads: 2, hidden: 16 },
      ...{ positions: 64, tied: true, rotaryPairs: 'halves' as const },
    };
    const taught = rows.map((row, i) => ({ ...row, soft: soft[i] }));
    const { run } = await trainOnChips(decoderTrainable({ shape, rows: taught, recipe }), {
      ...{ chips, seed: 0, timeBudget: 1000 },
    });
    return run.losses[0]!;
  };

  test.each([16, 511])('teaches with %d tokens what it teaches as a folder', async (known) => {
    const [own, theirs] = [await local.targets(rows, known), await served.targets(rows, known)];
    for (const [i, { tokens, logShares }] of own.entries()) {
      expect(theirs[i]!.tokens).toEqual(tokens);
      const apart = logShares.map((share, k) =>
        Math.abs(Math.exp(share) - Math.exp(theirs[i]!.logShares[k]!)),
      );
      expect(Math.max(...apart)).toBeLessThan(1e-5);
    }
    expect(await lossBy(theirs, known)).toBeCloseTo(await lossBy(own, known), 4);
  });

  test('is asked once for each token that is taught, and may tell of fewer than are asked for', async () => {
    const few = await serveTokens(join(folder, 'stories'), 5);
    try {
      const teacher = await openServedTeacher({
        ...{ name: 'few', tokenizer: join(folder, 'stories'), ask: asking(few.url) },
      });
      const targets = await teacher.targets(rows, 32);
      const taught = rows.reduce((sum, { tokens, answer }) => sum + tokens.length - answer, 0);
      expect(few.asked).toBe(taught);
      expect(targets[0]!.tokens).toHaveLength(5 * (rows[0]!.tokens.length - 3));
      for (let at = 0; at < targets[0]!.logShares.length; at += 6) {
        const shares = targets[0]!.logShares.slice(at, at + 6).map(Math.exp);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      }
      expect(await lossBy(targets, 32)).toBeGreaterThan(0);
    } finally {
      await few.close();
    }
  });

  test('is refused with the tokenizer of another model', async () => {
    await writeSmallQwen3(join(folder, 'other'), ['abab', 'abab']);
    const teacher = await openServedTeacher({
      ...{ name: 'x', tokenizer: join(folder, 'other'), ask: asking(server.url) },
    });
    await expect(teacher.targets([{ tokens: [1, 5, 9], answer: 2 }], 8)).rejects.toMatchObject({
      code: 'teacher_tokens',
      message: expect.stringContaining('name the folder of the very model that is served'),
    });
  });
});

describe('what a server tells of tokens', () => {
  const told = async (tokens: Awaited<ReturnType<AskTokens>>) => {
    await writeSmallQwen3(join(folder, 'small'), ['abab', 'abab']);
    const ask: AskTokens = async () => tokens;
    const teacher = await openServedTeacher({ name: 's', tokenizer: join(folder, 'small'), ask });
    const [{ tokens: known, logShares }] = (await teacher.targets([{ tokens: [1, 2], answer: 1 }], 2)) as [
      SoftTargets,
    ];
    const { tokenizer } = teacher;
    return { known: [...known], shares: [...logShares].map(Math.exp), tokenizer };
  };

  test('is taken by numbers, by bytes or by texts, the likeliest first, and what is left is the rest', async () => {
    const { known, shares, tokenizer } = await told([
      { text: 'b', logProbability: Math.log(0.25) },
      { text: '\uFFFD', bytes: [0xe2], logProbability: Math.log(0.5) },
      { text: '<|end|>', logProbability: Math.log(0.125) },
    ]);
    expect(known.map((id) => [...tokenizer.bytesOf(id)!])).toEqual([[0xe2], [98]]);
    for (const [i, share] of [0.5, 0.25, 0.25].entries()) expect(shares[i]).toBeCloseTo(share, 5);
  });

  test('may be nothing, or strange', async () => {
    await expect(told([])).rejects.toMatchObject({ code: 'teacher_silent' });
    await expect(told([{ id: 99_999, text: 'a', logProbability: -1 }])).rejects.toMatchObject({
      code: 'teacher_tokens',
    });
    await expect(told([{ text: 'abc!', logProbability: -1 }])).rejects.toMatchObject({
      code: 'teacher_tokens',
    });
  });
});
