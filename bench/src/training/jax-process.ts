/**
 * The same decoder in jax-js, driven by lines (`Contestant`).
 *
 * Under Node the library runs WebAssembly on one thread, since it looks for the browser's `Worker`. With
 * `"threads"` above 1 it is given one, made of Node's worker threads, so that its parallel kernels run too.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Worker as NodeWorker } from 'node:worker_threads';
import type { Array as JaxArray } from '@jax-js/jax';
import { readSafetensors } from '@kolben/engine';
import { sequences } from './batches.ts';
import type { JaxTask } from './jax.ts';
import { learningRate, optimizer, tokensInStep } from './models.ts';
import { parameterNames } from './weights.ts';

type Weights = Record<string, JaxArray>;

await main(JSON.parse(process.argv[2]) as JaxTask);

async function main(task: JaxTask): Promise<void> {
  if (task.threads > 1) provideWorkers(task.threads);
  const { blockUntilReady, jit, nn, numpy: np, valueAndGrad } = await import('@jax-js/jax');
  const { model, microbatches } = task;
  const { length, shape } = model;
  const { heads, width, vocabulary, layers } = shape;
  const headWidth = width / heads;
  const batch = model.batch / microbatches;
  const rows = batch * length;

  const tables = turnsAndMask(length, headWidth, shape.rotaryBase ?? 10_000);
  const cos = np.array(tables.cos).reshape([length, 1, headWidth / 2]);
  const sin = np.array(tables.sin).reshape([length, 1, headWidth / 2]);
  const mask = np.array(tables.mask).reshape([length, length]);

  const norm = (x: JaxArray, gain: JaxArray) => {
    const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
    return x.mul(np.reciprocal(np.sqrt(mean.add(shape.epsilon ?? 1e-5)))).mul(gain);
  };
  const project = (x: JaxArray, weight: JaxArray) => np.matmul(x, np.transpose(weight));
  const split = (x: JaxArray) => x.reshape([batch, length, heads, headWidth]);
  const turn = (x: JaxArray, cos: JaxArray, sin: JaxArray) => {
    const pairs = x.reshape([batch, length, heads, headWidth / 2, 2]);
    const a = pairs.ref.slice([], [], [], [], 0);
    const b = pairs.slice([], [], [], [], 1);
    const turned = [a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref)), a.mul(sin).add(b.mul(cos))];
    return np.stack(turned, -1).reshape([batch, length, heads, headWidth]);
  };
  const headsFirst = (x: JaxArray) => np.transpose(x, [0, 2, 1, 3]);

  const loss = (
    w: Weights,
    tokens: JaxArray,
    targets: JaxArray,
    cos: JaxArray,
    sin: JaxArray,
    mask: JaxArray,
  ) => {
    let x = np.take(w[parameterNames.embedding], tokens, 0);
    for (let i = 0; i < layers; i++) {
      const of = (key: keyof typeof parameterNames.layer) =>
        w[parameterNames.layer[key].replace('{}', String(i))];
      const normed = norm(x.ref, of('norm1'));
      const q = turn(split(project(normed.ref, of('query'))), cos.ref, sin.ref);
      const k = turn(split(project(normed.ref, of('key'))), cos.ref, sin.ref);
      const v = split(project(normed, of('value')));
      const scores = np.matmul(headsFirst(q), np.transpose(k, [0, 2, 3, 1])).mul(headWidth ** -0.5);
      const shares = nn.softmax(scores.add(mask.ref), -1);
      const mixed = headsFirst(np.matmul(shares, headsFirst(v))).reshape([rows, width]);
      x = x.add(project(mixed, of('out')));
      const inner = norm(x.ref, of('norm2'));
      const gated = nn.silu(project(inner.ref, of('gate'))).mul(project(inner, of('up')));
      x = x.add(project(gated, of('down')));
    }
    for (const table of [cos, sin, mask]) table.dispose();
    const likely = nn.logSoftmax(project(norm(x, w[parameterNames.norm]), w[parameterNames.head]), -1);
    return np.sum(likely.mul(nn.oneHot(targets, vocabulary))).mul(-1 / tokensInStep(model));
  };
  const lossAndGradients = jit(valueAndGrad(loss));
  const add = jit((a: JaxArray, b: JaxArray) => a.add(b));
  const { beta1, beta2, epsilon, weightDecay } = optimizer;
  const adamw = jit(
    (value: JaxArray, gradient: JaxArray, first: JaxArray, second: JaxArray, numbers: JaxArray) => {
      const [scale1, scale2, keep] = [0, 1, 2].map((i) => numbers.ref.slice(i));
      numbers.dispose();
      const nextFirst = first.mul(beta1).add(gradient.ref.mul(1 - beta1));
      const nextSecond = second.mul(beta2).add(np.square(gradient).mul(1 - beta2));
      const root = np.sqrt(nextSecond.ref.mul(scale2)).add(epsilon);
      const step = nextFirst.ref.mul(scale1).div(root).mul(learningRate);
      return [value.mul(keep).sub(step), nextFirst, nextSecond];
    },
  );

  const weights: Weights = {};
  const moments: Record<string, [JaxArray, JaxArray]> = {};
  const { tensors } = readSafetensors(await readFile(task.weights), task.weights);
  for (const [name, { data, dims }] of Object.entries(tensors)) {
    weights[name] = np.array(data as Float32Array<ArrayBuffer>).reshape([...dims]);
    moments[name] = [np.zerosLike(weights[name].ref), np.zerosLike(weights[name].ref)];
  }
  const file = await readFile(task.batches);
  const batches = new Int32Array(file.buffer, file.byteOffset, file.byteLength / 4);

  const step = async (number: number): Promise<number> => {
    let total = 0;
    let gradients: Weights = {};
    for (let i = 0; i < microbatches; i++) {
      const { tokens, targets } = sequences(batches, model, number, i * batch, (i + 1) * batch);
      const integers = (from: Int32Array) => np.array(from.slice(), { dtype: np.int32 });
      const held = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, value.ref]));
      const [value, part] = lossAndGradients(
        held,
        integers(tokens),
        integers(targets),
        cos.ref,
        sin.ref,
        mask.ref,
      );
      gradients =
        i === 0
          ? part
          : Object.fromEntries(Object.entries(part).map(([name, one]) => [name, add(gradients[name], one)]));
      total += (await value.data())[0];
    }
    const scales = [1 / (1 - beta1 ** (number + 1)), 1 / (1 - beta2 ** (number + 1))];
    for (const [name, { dims }] of Object.entries(tensors)) {
      const keep = dims.length > 1 ? 1 - learningRate * weightDecay : 1;
      const [value, first, second] = adamw(
        weights[name],
        gradients[name],
        ...moments[name],
        np.array([...scales, keep]),
      );
      weights[name] = value;
      moments[name] = [first, second];
    }
    await blockUntilReady(Object.values(weights));
    return total;
  };

  console.log(JSON.stringify({ ready: true }));
  let done = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const losses: number[] = [];
    const begun = performance.now();
    for (let i = Number(line.split(' ')[1]); i > 0; i--) losses.push(await step(done++));
    console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, losses }));
  }
  // Its threads would keep the process alive.
  process.exit(0);
}

function turnsAndMask(length: number, headWidth: number, base: number) {
  const angle = (i: number) =>
    Math.floor(i / (headWidth / 2)) * base ** ((-2 * (i % (headWidth / 2))) / headWidth);
  const count = { length: (length * headWidth) / 2 };
  return {
    cos: Float32Array.from(count, (_, i) => Math.cos(angle(i))),
    sin: Float32Array.from(count, (_, i) => Math.sin(angle(i))),
    mask: Float32Array.from({ length: length ** 2 }, (_, i) =>
      i % length > Math.floor(i / length) ? -1e9 : 0,
    ),
  };
}

/** What the library expects of a browser: a `Worker` that runs a blob, and the number of cores. */
function provideWorkers(threads: number): void {
  const sources = new Map<string, string>();
  class SourceBlob extends Blob {
    readonly source: string;
    constructor(parts: string[], options?: ConstructorParameters<typeof Blob>[1]) {
      super(parts, options);
      this.source = parts.join('');
    }
  }
  const createObjectURL = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) => {
    const url = createObjectURL(blob as Parameters<typeof createObjectURL>[0]);
    sources.set(url, (blob as unknown as SourceBlob).source);
    return url;
  };
  class BlobWorker {
    onmessage?: (event: { data: unknown }) => void;
    onerror?: (error: Error) => void;
    readonly #worker: NodeWorker;
    constructor(url: string) {
      const begin = `const { parentPort } = require('node:worker_threads');
        globalThis.self = globalThis;
        globalThis.postMessage = (message) => parentPort.postMessage(message);
        parentPort.on('message', (data) => self.onmessage({ data }));\n`;
      this.#worker = new NodeWorker(begin + sources.get(url), { eval: true });
      this.#worker.on('message', (data) => this.onmessage?.({ data }));
      this.#worker.on('error', (error) => this.onerror?.(error as Error));
    }
    postMessage(message: unknown): void {
      this.#worker.postMessage(message);
    }
  }
  // biome-ignore lint/style/noRestrictedGlobals: the library looks for a browser's names there
  const scope = globalThis;
  Object.assign(scope, { Blob: SourceBlob, Worker: BlobWorker });
  Object.defineProperty(scope, 'navigator', { value: { hardwareConcurrency: threads } });
}
