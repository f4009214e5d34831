/**
 * A small encoder learns the intents of bank customers' questions: short texts, small batches.
 *
 * @module
 */
import { negativeLogLikelihood } from '@kolben/distill';
import { bucketByLength, type Chip, emitProgram, type Microbatch, nn, type Parameters } from '@kolben/engine';
import { readBanking77 } from '../banking77.ts';
import { wordNumbers } from '../word-numbers.ts';
import { fixedParameters } from './fixed-parameters.ts';
import type { LearningTask } from './task.ts';

const batch = 64;
const longest = 48;
const shape = {
  ...{ vocabulary: 4096, width: 128, layers: 2, heads: 4, keyValueHeads: 4, hidden: 352 },
  positions: longest,
};

interface Text {
  readonly tokens: readonly number[];
  readonly label: number;
}

export async function intentsTask(): Promise<LearningTask> {
  const [known, unknown] = await Promise.all([readBanking77('train'), readBanking77('test')]);
  const labels = new Map([...new Set(known.map(({ intent }) => intent))].sort().map((name, i) => [name, i]));
  const [training, validation] = [known, unknown].map((texts) =>
    texts.map(
      ({ text, intent }): Text => ({
        tokens: wordNumbers(text, shape.vocabulary).slice(0, longest),
        label: labels.get(intent) as number,
      }),
    ),
  );
  const lengths = training.map(({ tokens }) => tokens.length);
  const model = (dropout: number) =>
    nn.encoderClassifier(shape, { classes: labels.size, dropout, smoothing: dropout === 0 ? 0 : 0.1 });
  const kept = { key: '', batches: [] as number[][] };
  const batchesOf = (seed: number, epoch: number) => {
    const key = `${seed} ${epoch}`;
    if (kept.key !== key)
      Object.assign(kept, { key, batches: bucketByLength(lengths, { batch, seed, epoch }) });
    return kept.batches;
  };
  const stepsInEpoch = batchesOf(0, 0).length;

  const validate = async (chip: Chip, parameters: Parameters) => {
    const { logits } = model(0);
    const fixed = fixedParameters(logits.graph, parameters);
    const { onnx, inputs } = emitProgram({
      name: 'logits',
      outputs: [{ value: logits, name: 'logits' }],
      fixed,
    });
    const program = await chip.load(onnx);
    const sorted = [...validation].sort((a, b) => a.tokens.length - b.tokens.length);
    const rows: number[] = [];
    for (let start = 0; start < sorted.length; start += batch) {
      const given = padded(sorted.slice(start, start + batch));
      const found = await program.run(Object.fromEntries(inputs.map(({ name }) => [name, given[name]])));
      rows.push(...(found.logits.data as Float32Array));
    }
    await program.release();
    const classes = labels.size;
    const right = sorted.map(({ label }) => label);
    const agreed = right.filter((label, i) => {
      const own = rows.slice(i * classes, (i + 1) * classes);
      return own.indexOf(Math.max(...own)) === label;
    }).length;
    return {
      loss: negativeLogLikelihood(Float32Array.from(rows), classes, right, 1),
      agreement: agreed / right.length,
    };
  };
  return {
    name: `encoder, ${shape.width} wide, ${shape.layers} layers, on intents`,
    steps: 6 * stepsInEpoch,
    microbatchCount: 1,
    loss: () => model(0.2).loss,
    bounds: { B: batch, T: longest, S: batch },
    microbatches: (seed, step) => {
      const members = batchesOf(seed, Math.floor(step / stepsInEpoch))[step % stepsInEpoch];
      return [padded(members.map((index) => training[index]))];
    },
    validate,
  };
}

/** Each text in a row of its own. */
function padded(texts: readonly Text[]): Microbatch {
  const length = Math.max(...texts.map(({ tokens }) => tokens.length));
  const dims = [texts.length, length];
  const place = (padding: number, of: (text: number, i: number) => number) =>
    texts.flatMap(({ tokens }, text) =>
      Array.from({ length }, (_, i) => (i < tokens.length ? of(text, i) : padding)),
    );
  const integers = (numbers: readonly number[], at = dims) => ({
    data: BigInt64Array.from(numbers, BigInt),
    dims: at,
  });
  return {
    tokens: integers(place(0, (text, i) => texts[text].tokens[i])),
    positions: integers(place(0, (_, i) => i)),
    segments: integers(place(-1, (text) => text)),
    texts: integers(place(0, (text) => text)),
    shares: { data: Float32Array.from(place(0, (text) => 1 / texts[text].tokens.length)), dims },
    labels: integers(
      texts.map(({ label }) => label),
      [texts.length],
    ),
    weights: { data: new Float32Array(texts.length).fill(1 / texts.length), dims: [texts.length] },
  };
}
