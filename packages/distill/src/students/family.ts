/**
 * A family of models that students are made of: how one is trained, what its files are, how it answers.
 *
 * What comes before (the dataset) and after (the certificate, the folder, the service) is the same for all of them.
 *
 * @module
 */
import type { Chip, nn, Plan } from '@kolben/engine';
import type { Base } from '../base/open-base.ts';
import type { DatasetExample } from '../datasets/dataset.ts';
import type { Equality } from '../equality/equality.ts';
import type { LocalTeacher } from '../teachers/local-teacher.ts';
import type { Arrivals } from './arrivals.ts';
import type { StudentTask, TaskKind } from './task.ts';
import type { PlanOnChipsOptions, TrainedOnChips } from './train-on-chips.ts';
import type { TrainingListener } from './training-listener.ts';

/**
 * The files of a model by their names in the student folder, `config.json`, `model.safetensors`, `tokenizer.json`,
 * `tokenizer_config.json` and `onnx/model.onnx` among them.
 */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

export interface RawAnswer {
  readonly answer: string;
  /** In [0, 1]: the calibrated probability that the teacher would have answered so. */
  readonly confidence: number;
}

/** How a model weighs all its answers against each other. */
export interface Weighed {
  readonly answers: readonly string[];
  /** Row after row, a score for each answer: differences of two in a row are log-odds, in nats. */
  readonly scores: Float32Array;
}

/** A model on chips, ready to answer. */
export interface AnsweringModel {
  /** One answer for each text, in order. */
  answer(texts: readonly string[]): Promise<RawAnswer[]>;
  /** Where a model chooses among answers that are known beforehand: what it weighs them by, for explanations. */
  weigh?(texts: readonly string[]): Promise<Weighed>;
  /**
   * Share of the texts' words that the model has no vector or piece for, in [0, 1]; null where they have no word, or it
   * has one for everything.
   */
  unknownWords?(texts: readonly string[]): Promise<number | null>;
  /**
   * Of each text the share of its words and their n-grams that the model has no vector for, in [0, 1]; null of a text
   * without any. Left out by families that read other things.
   */
  unknownGrams?(texts: readonly string[]): Promise<(number | null)[]>;
  release(): Promise<void>;
}

/** What a training was, for reports and the lineage. */
export interface TrainingFacts extends Omit<TrainedOnChips, 'parameters' | 'run' | 'finishWork'> {
  /** All settings of the recipe, as they were used. */
  readonly recipe: { readonly name: string; readonly [setting: string]: unknown };
  readonly run: Pick<TrainedOnChips['run'], 'seconds' | 'losses' | 'timeline'>;
}

export interface TrainedModel {
  /**
   * Fits on the tune split what turns scores into confidence, and gives the files of the model: what answers from them
   * is what will answer in service.
   *
   * @param task the task as it is known by now, where answers arrived while it was trained: of the labels that it was
   *   trained with, those that there are. Default: the task that it was trained for.
   */
  files(tune: readonly DatasetExample[], signal?: AbortSignal, task?: StudentTask): Promise<ModelFiles>;
  readonly facts: TrainingFacts;
  /** Removes what was kept for the case that the process dies; to be called when the student is safe. */
  finish(): Promise<void>;
}

/** An open model to stand on, and how it is trained further. */
export interface TrainingBase extends Base {
  /** Adapters that are trained in its stead and merged at the end. Default: all of it is trained. */
  readonly lowRank?: nn.LowRank | undefined;
}

export interface TrainModelOptions {
  readonly task: StudentTask;
  readonly train: readonly DatasetExample[];
  /** Watched while training. */
  readonly validation: readonly DatasetExample[];
  /** When two answers count as the same, where the task generates and names a user's function. */
  readonly equality?: Equality | undefined;
  /** A decoder of the same tokenizer that teaches its distribution beside the answers. Only decoders learn from one. */
  readonly teacher?: LocalTeacher | undefined;
  readonly chips: readonly Chip[];
  readonly seed: number;
  /** Seconds that training may take. */
  readonly timeBudget: number;
  /** Bytes that each chip may use. Default: no limit. */
  readonly memoryLimit?: number | undefined;
  /** Latest steps whose timeline is kept. */
  readonly timelineSteps: number;
  /**
   * Beginning of the names of files that keep the training's state, and what it is of: dataset, seed and version; the
   * family adds its recipe.
   */
  readonly work: { readonly prefix: string; readonly of: Readonly<Record<string, unknown>> };
  /** For families that stand on one. */
  readonly base?: TrainingBase | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: { step: number; steps: number; loss: number }) => void;
  readonly listener?: TrainingListener | undefined;
}

/** What a training would be of: see `TrainModelOptions`. */
export interface PlanModelOptions
  extends PlanOnChipsOptions,
    Pick<TrainModelOptions, 'task' | 'train' | 'base'> {}

/** A training that begins before all answers are there. See `trainStreamed`. */
export interface StreamedModelOptions extends Omit<TrainModelOptions, 'work'> {
  /**
   * Answers are written into the examples when they come: `''` until then. The task's labels may be names for labels
   * still to come, and are replaced where they stand.
   */
  readonly arrivals: Arrivals;
}

export interface OpenModelOptions {
  readonly chips: readonly Chip[];
  /** The folder that errors speak of. */
  readonly directory: string;
  /** Answer by the quantised copy. Default false. */
  readonly quantised?: boolean;
}

/** What the model card says of the model itself, in Markdown. */
export interface FamilyCard {
  /** The `pipeline_tag` of Hugging Face's hub. */
  readonly pipelineTag: string;
  /** What it cannot read or do, each a sentence or two. */
  readonly limits: readonly string[];
  /** How to use it without Kolben. */
  readonly usage: string;
}

export interface Family {
  /** Also the `model_type` of its config.json, where that isn't another project's. */
  readonly name: string;
  readonly kinds: readonly TaskKind[];
  train(options: TrainModelOptions): Promise<TrainedModel>;
  /** How it would be trained. */
  plan(options: PlanModelOptions): Promise<Plan>;
  /** Trains while answers arrive; left out where a family can't. */
  trainStreamed?(options: StreamedModelOptions): Promise<TrainedModel>;
  /** @throws StudentFolderError where the files contradict each other or the task */
  open(files: ModelFiles, task: StudentTask, options: OpenModelOptions): Promise<AnsweringModel>;
  /** For files that `open` takes; `based`: of a student that stands on an open model. */
  card(files: ModelFiles, task: StudentTask, options?: { readonly based: boolean }): FamilyCard;
}
