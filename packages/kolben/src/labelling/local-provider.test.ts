import { join } from 'node:path';
import { loadDecoder, readHuggingFace, startChip } from '@kolben/engine';
import { startGateway } from '@kolben/gateway';
import { openStore } from '@kolben/store';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder } from '../testing/run-kolben.ts';
import { writeDecoder } from '../testing/write-decoder.ts';

interface Completion {
  readonly choices: readonly [
    {
      readonly message: { readonly content: string };
      readonly finish_reason: string;
      readonly logprobs: {
        readonly content: readonly {
          readonly id: number;
          readonly logprob: number;
          readonly top_logprobs: readonly { readonly id: number; readonly logprob: number }[];
        }[];
      } | null;
    },
  ];
  readonly usage: unknown;
}

test('a decoder in a folder answers through the gateway, with the probabilities of its tokens', async () => {
  const folder = emptyFolder();
  onTestFinished(() => folder.remove());
  const decoder = join(folder.path, 'llama');
  await writeDecoder(decoder);
  const store = await openStore({ directory: join(folder.path, 'data') });
  const gateway = await startGateway({
    store,
    port: 0,
    log: { info() {}, warn() {}, error() {} },
    config: {
      providers: {
        own: { folder: decoder, prices: { any: { inputPerMillion: 0, outputPerMillion: 0 } } },
        other: { folder: '/nowhere', prices: {} },
      },
      tasks: { words: { kind: 'generate', teacher: 'own/any' } },
    },
  });
  onTestFinished(async () => {
    await gateway.close();
    await store.close();
  });
  const { secret } = await store.keys.create({ name: 'test', scope: 'use' });
  const ask = (more: object, content = 'a text') =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'kolben/words', messages: [{ role: 'user', content }], ...more }),
    });

  // What the engine makes of the same tokens: a byte is its number, and a new line asks for an answer.
  const { shape, parameters } = await readHuggingFace(decoder);
  const chip = await startChip(0);
  const own = await loadDecoder(chip, shape, parameters);
  const prompt = [...Buffer.from('a text\n')];
  const likeliest: number[] = [];
  for await (const token of own.generate({ prompt, tokens: 6, stop: [256] })) likeliest.push(token);
  const logits = Array.from((await own.logits(prompt)).data as Float32Array).slice(-257);
  await own.release();
  await chip.close();
  const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  const sorted = logits.map((x, id) => [x - total, id] as const).sort(([a], [b]) => b - a);

  const answer = await ask({ max_tokens: 6, logprobs: true, top_logprobs: 300 });
  expect(answer.headers.get('x-kolben-answered-by')).toBe('teacher');
  const { choices, usage } = (await answer.json()) as Completion;
  const [{ message, logprobs, finish_reason: finish }] = choices;
  const tokens = logprobs!.content;
  expect(tokens.map(({ id }) => id)).toEqual(likeliest);
  expect(message.content).toBe(Buffer.from(likeliest).toString('utf8'));
  expect(usage).toEqual({
    ...{ prompt_tokens: 7, completion_tokens: 6, total_tokens: 13 },
  });
  expect(finish).toBe('length');
  expect(tokens[0]!.top_logprobs).toHaveLength(257);
  for (const [i, { id, logprob }] of tokens[0]!.top_logprobs.slice(0, 20).entries()) {
    expect(id).toBe(sorted[i]![1]);
    expect(logprob).toBeCloseTo(sorted[i]![0], 4);
  }

  const streamed = await (await ask({ max_tokens: 6, stream: true })).text();
  const pieces = [...streamed.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json!));
  const said = pieces.map(({ choices: [one] }) => one?.delta.content ?? '').join('');
  expect(said).toBe(message.content);
  expect(streamed.trimEnd().endsWith('data: [DONE]')).toBe(true);

  const drawn = async (seed: number) =>
    ((await (await ask({ max_tokens: 12, temperature: 1.5, seed })).json()) as Completion).choices[0].message
      .content;
  expect(await drawn(1)).toBe(await drawn(1));
  expect(await drawn(1)).not.toBe(await drawn(2));

  for (const [more, content] of [
    [{ n: 2 }, 'x'],
    [{ stop: ['.'] }, 'x'],
    [{}, 'too long '.repeat(40)],
  ] as const)
    expect((await ask(more, content)).status).toBe(400);
  await gateway.flush();
  const recorded = await store.calls.list({ task: 'words' });
  expect(recorded.filter(({ status }) => status === 'ok')).toHaveLength(6);
}, 60_000);
