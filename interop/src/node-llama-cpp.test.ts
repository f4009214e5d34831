// Decoders as GGUF in llama.cpp, by way of node-llama-cpp.
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { getLlama, type Llama, LlamaCompletion, LlamaLogLevel, type Token } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersOf, mostTokens, students, toldBy } from './made.ts';

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ build: 'never', gpu: false, maxThreads: 1, logLevel: LlamaLogLevel.error });
});
afterAll(() => llama?.dispose());

const withoutData = process.env.KOLBEN_TEST_DATA === undefined && !process.env.KOLBEN_TEST_REQUIRE;

describe.each([
  { name: 'stories', absent: withoutData },
  ...['random-llama', 'random-llama3', 'random-qwen2', 'random-qwen3'].map((name) => ({
    name,
    absent: false,
  })),
])('$name', ({ name, absent }) => {
  test.skipIf(absent)('reads the same tokens and makes the same', async () => {
    const model = await llama.loadModel({ modelPath: join(students, `${name}.gguf`), gpuLayers: 0 });
    const told = toldBy(name);
    for (const { prompt, read, made } of told) {
      const begin = model.tokens.shouldPrependBosToken ? [model.tokens.bos!] : [];
      const tokens = [...begin, ...model.tokenize(prompt, false)];
      expect({ prompt, tokens }).toEqual({ prompt, tokens: read });
      const context = await model.createContext({
        contextSize: 128,
        experimentalKvCacheKeyType: 'F32',
        experimentalKvCacheValueType: 'F32',
      });
      const sequence = context.getSequence();
      const found: Token[] = [];
      for await (const token of sequence.evaluate(tokens, { temperature: 0 })) {
        if (token === model.tokens.eos || found.length === made.length) break;
        found.push(token);
      }
      expect({ prompt, found }).toEqual({ prompt, found: made });
      await context.dispose();
    }
    expect(told.length).toBeGreaterThan(3);
    await model.dispose();
  });
});

test.skipIf(withoutData)('a completion tells the very story that Kolben tells, also in 16 bits', async () => {
  for (const file of ['stories.gguf', 'stories-halves.gguf']) {
    const model = await llama.loadModel({ modelPath: join(students, file), gpuLayers: 0 });
    const context = await model.createContext({ contextSize: 128 });
    const completion = new LlamaCompletion({ contextSequence: context.getSequence() });
    const [, { prompt, text, made }] = toldBy('stories');
    const found = await completion.generateCompletion(prompt, { temperature: 0, maxTokens: made.length });
    expect(prompt + found).toBe(text);
    await model.dispose();
  }
});

test('a student that writes answers as in Kolben, asked by the chat template in its file', async () => {
  const model = await llama.loadModel({ modelPath: join(students, 'writer.gguf'), gpuLayers: 0 });
  const answers = answersOf('writer');
  for (const { text, answer } of answers) {
    const prompt = new Template(model.fileInfo.metadata.tokenizer.chat_template!).render({
      messages: [{ role: 'user', content: text }],
    });
    const context = await model.createContext({ contextSize: 512 });
    const completion = new LlamaCompletion({ contextSequence: context.getSequence() });
    const tokens = model.tokenize(prompt, true);
    const found = await completion.generateCompletion(tokens, {
      temperature: 0,
      maxTokens: mostTokens('writer'),
    });
    expect({ text, found }).toEqual({ text, found: answer });
    await context.dispose();
  }
  await model.dispose();
});
