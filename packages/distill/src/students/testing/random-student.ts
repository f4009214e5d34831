/**
 * A small student with random numbers for a model: all of it but the training.
 *
 * @module
 */
import { type Chip, nn, type Parameters, randomStream, uniform } from '@kolben/engine';
import type { FamilyCard } from '../family.ts';
import type { StudentContents } from '../student-folder.ts';
import type { ClassifyTask } from '../task.ts';
import { wordsAndBagFamily } from '../words-and-bag/family.ts';
import type { WordsAndBag } from '../words-and-bag/model.ts';
import { modelFiles, rounded } from '../words-and-bag/model-files.ts';
import type { StudentShape } from '../words-and-bag/shape.ts';
import { spellTexts } from '../words-and-bag/spell-texts.ts';
import { trainingLoss } from '../words-and-bag/training-graph.ts';
import { buildVocabulary } from '../words-and-bag/vocabulary.ts';

export const knownTexts: readonly string[] = [
  'Where is my new card? It should have arrived by now.',
  'Wo bleibt meine neue Karte? Sie sollte längst da sein!',
  'My card was declined at the petrol station',
  'Die Karte wurde an der Tankstelle abgelehnt – warum?',
  'Please cancel the transfer I made this morning.',
  'Bitte stornieren Sie die Überweisung von heute früh.',
  'How do I change my PIN? I can’t find it in the app.',
  'Wie ändere ich meine PIN? In der App finde ich „nichts“.',
  'the card the card the card',
  'Straße, Fuß, Maß: 12,50 € statt 1.250,00 €',
  '私のカードはどこですか',
  'где моя новая карта',
  '😀 danke 👍🏽 thanks',
];

/** What its family says of a student. */
export const cardOfStudent = ({ files, task }: StudentContents): FamilyCard =>
  wordsAndBagFamily.card(files, task);

export interface RandomModelOptions {
  seed?: number;
  maxWords?: number;
  byteLimit?: number;
  classes?: number;
  temperature?: number;
}

export async function randomModel(
  chip: Chip,
  { seed = 0, maxWords = 8, byteLimit = 200, classes = 3, temperature = 0.7 }: RandomModelOptions = {},
): Promise<WordsAndBag> {
  const spelled = await spellTexts([...knownTexts, ...knownTexts.slice(0, 5)], { chips: [chip], byteLimit });
  const vocabulary = buildVocabulary(spelled, { pieces: 400, bag: 500 });
  const shape: StudentShape = {
    width: 8,
    windows: [1, 2, 3],
    heads: 2,
    classes,
    pieces: vocabulary.pieces,
    bag: vocabulary.bag,
    maxWords,
    byteLimit,
  };
  return rounded({
    shape,
    vocabulary,
    parameters: randomParameters(shape, seed),
    temperature,
    usuallyKnown: 0.7,
  });
}

export async function randomStudent(
  chip: Chip,
  {
    labels = ['spam', 'ham', 'other'],
    ...options
  }: Omit<RandomModelOptions, 'classes'> & { labels?: string[] } = {},
): Promise<StudentContents> {
  const { seed = 0 } = options;
  const task: ClassifyTask = { name: 'Bank | mail', kind: 'classify', labels, multiple: false };
  const model = await randomModel(chip, { ...options, classes: labels.length });
  return {
    family: 'kolben-words-and-bag',
    task,
    redaction: null,
    files: modelFiles(task, model),
    certificate: {
      alpha: 0.05,
      delta: 0.05,
      threshold: 0.7,
      coverage: 0.8,
      coverageInterval: [0.75, 0.84],
      disagreementUpperBound: 0.043,
      n: 320,
    },
    lineage: {
      kolben: '0.1.0',
      created: '2026-11-23T12:00:00.000Z',
      source: '/srv/data/mails.jsonl',
      teachers: ['openai/gpt-5'],
      dataset: {
        digest: `sha256:${'0'.repeat(64)}`,
        splitBy: 'random',
        n: 2000,
        train: 1200,
        validation: 100,
        tune: 150,
        calibration: 400,
        test: 150,
        duplicatesRemoved: 12,
        conflicts: 3,
      },
      recipe: { name: 'words-and-bag', epochs: 13 },
      seed,
      machine: { cpu: 'A Chip (R) @ 2.5 GHz', cores: 2, node: '20.20.0' },
    },
    measurements: {
      test: { n: 150, agreement: 0.9312 },
      baselines: { majority: 0.31, ngramLinear: 0.912 },
      training: {
        seconds: 93.4,
        tokens: 123_456,
        tokensPerSecond: 1321,
        paddingShare: 0.08,
        steps: 400,
        chips: 2,
        schedule: '1F1B',
        bubble: 0.07,
      },
    },
  };
}

export function randomParameters(shape: StudentShape, seed: number): Parameters {
  const { graph } = trainingLoss(shape, { ...nn.noDropout, smoothing: 0 });
  return Object.fromEntries(
    graph.values.flatMap(({ source, shape: dims }) => {
      if (source?.kind !== 'parameter') return [];
      const draw = randomStream(seed, 'random student', source.name);
      const length = (dims as number[]).reduce((all, dim) => all * dim, 1);
      return [[source.name, Float32Array.from({ length }, () => 2 * uniform(draw) - 1)]];
    }),
  );
}
