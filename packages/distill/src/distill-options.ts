/**
 * What `distill` may be told, and what it refuses.
 *
 * @module
 */
import { KolbenError, nn } from '@kolben/engine';
import type { Example } from '@kolben/store';
import type { FetchBaseOptions } from './base/fetch-base.ts';
import type { Dataset } from './datasets/dataset.ts';
import type { FollowedDataset } from './datasets/freeze-dataset.ts';
import type { Equality } from './equality/equality.ts';
import type { JsonObject } from './extract/json.ts';
import type { RedactOptions } from './redact/redact-text.ts';
import type { TaskKind } from './students/task.ts';
import type { TrainingListener } from './students/training-listener.ts';
import type { ServedDecoder } from './teachers/served-teacher.ts';
import type { CheckTermsOptions } from './terms/check-terms.ts';
import type { Distribution } from './terms/terms-schema.ts';

export interface DistillOptions {
  /** Examples of which a dataset is made, or a dataset that is frozen already. */
  readonly examples: AsyncIterable<Example> | Iterable<Example> | Dataset;
  /** The student folder to be written. */
  readonly out: string;
  /** The task's name. Default `task`. */
  readonly task?: string;
  /**
   * Default: chosen from the answers: JSON objects are extracted, a closed list of labels is classified, other texts are
   * written.
   */
  readonly kind?: TaskKind;
  /**
   * JSON Schema that answers keep to. Default: of `extract` it is inferred from them, and what `generate` writes is free.
   */
  readonly schema?: JsonObject | undefined;
  /** For `generate`: when two answers count as the same, what the certificate is about. Default `normalised`. */
  readonly equality?: Equality;
  /**
   * For `generate`: the folder of a decoder in Hugging Face's layout, which teaches its distribution beside the answers;
   * the student gets its tokenizer. Or one that is served, and asked for its likeliest tokens. Default: none.
   */
  readonly teacherLogits?: string | ServedDecoder;
  /** Largest share of disagreement to be certified, in (0, 1). Default 0.05. */
  readonly alpha?: number;
  /** Largest probability that the certificate is false, in (0, 1). Default 0.05. */
  readonly delta?: number;
  /** Chips to train on, 1 to 4. Default: 2, or 1 on a machine with one core. */
  readonly chips?: number;
  /** Bytes that each chip may use; a student that needs more on one chip is cut into stages. Default: no limit. */
  readonly memoryLimit?: number | undefined;
  /** Default 0. The same examples and seed give the same student on any number of chips, unless time runs out. */
  readonly seed?: number;
  /** Seconds that training may take. Default 300. */
  readonly timeBudget?: number;
  /**
   * Examples of calls that came in later are left out, and the lineage says so: the same dataset can then be made again
   * of calls that go on coming in. Default: all are taken.
   */
  readonly asOf?: Date;
  /**
   * How texts are redacted: patterns of one's own and countries. What was redacted when calls were recorded has to be
   * redacted likewise here, for the student's questions will be. Default: as `redactText` does without being told.
   */
  readonly redact?: RedactOptions | undefined;
  /**
   * The dataset of which this one is the next version, where the examples tell by themselves in which split of it they
   * are, and as of when it was.
   */
  readonly follows?: FollowedDataset & { readonly asOf: Date };
  /** Given the dataset once it is frozen. */
  readonly onDataset?: (dataset: Dataset) => void;
  /**
   * The folder of the student in service: it is judged on the same tune and calibration examples, and the report says
   * whether the new one is better.
   */
  readonly incumbent?: string;
  /** What the examples are called in errors and in the lineage: a file, or `calls of task …`. */
  readonly source?: string;
  /** Who gave the answers, as `provider/model`, where the examples themselves don't tell. */
  readonly teachers?: readonly string[];
  /** The terms of providers, by the names that the examples carry; of others nothing is known. */
  readonly providers?: CheckTermsOptions['providers'];
  /** Whom the student is for. Default `internal`. */
  readonly distribution?: Distribution;
  /** The digest of the student that this one follows. */
  readonly parent?: string;
  /** For the model card: what the student is for, and whom to ask about it. */
  readonly purpose?: string;
  readonly contact?: string;
  /**
   * Beginning of the names of files that keep the training's state until the student is written: the same call goes on
   * from them when its process has died. Default: hidden files beside `out`.
   */
  readonly work?: string;
  /**
   * An open model that the student stands on: a folder in Hugging Face's layout, or the id of a model on the hub, which
   * is fetched unless it is here already. Default: the student is trained from nothing.
   */
  readonly base?: string;
  /** Trains adapters of low rank instead of all of the base, and merges them at the end. */
  readonly lowRank?: nn.LowRank;
  /** Where bases from the hub are kept, and which hub that is. */
  readonly fetchBase?: Pick<FetchBaseOptions, 'cache' | 'hubUrl' | 'token'>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DistillProgress) => void;
  /** Follows the training step by step. What it throws ends the training. */
  readonly listener?: TrainingListener;
}

export interface DistillProgress {
  readonly phase: 'base' | 'dataset' | 'prepare' | 'train' | 'certify' | 'write';
  /** For `train`: steps. For `base`: bytes. */
  readonly done?: number;
  readonly total?: number;
  readonly loss?: number;
  /** For people: what the phase found. */
  readonly note?: string;
}

export class DistillError extends KolbenError {}

export function checkOptions({ alpha, delta, seed, timeBudget, chips }: Record<string, number>): void {
  const complain = (option: string, is: number, must: string): never => {
    throw new DistillError('distill_option', `${option} is ${is} and must be ${must}.`);
  };
  if (!(alpha > 0 && alpha < 1)) complain('alpha', alpha, 'between 0 and 1, such as 0.05');
  if (!(delta > 0 && delta < 1)) complain('delta', delta, 'between 0 and 1, such as 0.05');
  if (!Number.isInteger(chips) || chips < 1 || chips > 4)
    complain('chips', chips, 'a whole number from 1 to 4');
  if (!Number.isInteger(seed) || Math.abs(seed) > 2 ** 31 - 1)
    complain('seed', seed, 'a whole number below 2^31');
  if (!(timeBudget > 0)) complain('time-budget', timeBudget, 'a number of seconds above 0');
}

/** @throws DistillError for adapters without a base, GraphError for numbers that make none */
export function checkBaseOptions({ base, lowRank }: Pick<DistillOptions, 'base' | 'lowRank'>): void {
  if (!lowRank) return;
  nn.checkLowRank(lowRank);
  if (base === undefined)
    throw new DistillError(
      'distill_option',
      'Adapters of low rank are trained beside a base: name one, or leave them out.',
    );
}
