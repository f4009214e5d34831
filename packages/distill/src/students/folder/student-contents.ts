/**
 * What a student folder holds, apart from what can be worked out of it.
 *
 * The part that is not numbers of the model is kept in kolben.json and checked when it is read; what another
 * version of Kolben has added to it is kept as it is.
 *
 * @module
 */
import { z } from 'zod';
import type { Refusal, ScoredAnswer } from '../../certificates/certificate.ts';
import { distributions, verdicts } from '../../terms/terms-schema.ts';
import type { ModelFiles } from '../family.ts';
import type { StudentRedaction } from '../redacted.ts';
import type { StudentTask } from '../task.ts';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
/** What JSON makes of a figure that is not a number. */
const figure = z.number().nullable();

export const certificateSchema = z.object({
  alpha: z.number().gt(0).lt(1),
  delta: z.number().gt(0).lt(1),
  threshold: z.number(),
  coverage: share,
  coverageInterval: z.tuple([share, share]),
  disagreementUpperBound: share,
  n: count,
  /** The alphas from among which this one was chosen afterwards. */
  among: z.array(z.number().gt(0).lt(1)).readonly().optional(),
});

const termsVerdict = z.enum(verdicts);

/** What the providers' terms said when the student was made. */
const termsSchema = z.looseObject({
  kind: z.enum(['classify', 'extract', 'generate']),
  distribution: z.enum(distributions),
  verdict: termsVerdict,
  providers: z
    .array(
      z.looseObject({
        provider: z.string().nullable(),
        models: z.array(z.string()).readonly(),
        calls: count,
        verdict: termsVerdict,
        clause: z.string().optional(),
        clauseDigest: z.string().optional(),
        url: z.string().optional(),
        date: z.string().optional(),
        permission: z.object({ reference: z.string(), date: z.string() }).optional(),
      }),
    )
    .readonly(),
});

export const lineageSchema = z.looseObject({
  /** The version of Kolben that made it. */
  kolben: z.string(),
  /** When, as ISO 8601. */
  created: z.iso.datetime(),
  /** What the examples are called: a file, or the calls of a task. */
  source: z.string().nullable(),
  /** Who gave the answers, as `provider/model`, where it is known. */
  teachers: z.array(z.string()),
  /** The same with the number of answers of each; null where it isn't known. Absent in older students. */
  answers: z
    .array(z.looseObject({ provider: z.string().nullable(), model: z.string().nullable(), calls: count }))
    .optional(),
  terms: termsSchema.optional(),
  /** When the first and the last example were answered, as ISO 8601, where every example tells. */
  span: z.tuple([z.iso.datetime(), z.iso.datetime()]).optional(),
  /** The dataset's digest and counts; the texts stay where they are. */
  dataset: z.looseObject({
    digest: z.string(),
    splitBy: z.enum(['random', 'time']),
    /** By which its splits were dealt, where it was frozen by itself. Absent in older students. */
    seed: z.int().optional(),
    /** Calls that came in later were left out, as ISO 8601. */
    asOf: z.iso.datetime().optional(),
    /** The digest of the version before it, and as of when that was: its examples stayed in their splits. */
    parent: z.string().optional(),
    parentAsOf: z.iso.datetime().optional(),
    n: count,
    train: count,
    validation: count,
    tune: count,
    calibration: count,
    test: count,
    duplicatesRemoved: count,
    conflicts: count,
  }),
  /** All settings of the recipe by name. */
  recipe: z.looseObject({ name: z.string() }),
  /** The open model that it stands on. */
  base: z
    .looseObject({
      id: z.string(),
      revision: z.string().nullable(),
      digest: z.string(),
      /** As the base itself states it; null where it doesn't. Absent in older students. */
      licence: z.object({ name: z.string(), link: z.string().optional() }).nullable().optional(),
    })
    .optional(),
  seed: z.int(),
  machine: z.looseObject({ cpu: z.string(), cores: count, node: z.string() }),
  /** The digest of the student that it follows. */
  parent: z.string().optional(),
  /** What whoever made it says of its use. */
  purpose: z.string().optional(),
  contact: z.string().optional(),
});

/** Statistics without texts. */
export const referenceSchema = z.looseObject({
  n: count,
  /** Shares of confidences in [0, 0.1), [0.1, 0.2), … [0.9, 1]. */
  confidence: z.array(share).length(10),
  /** Shares of the labels given, the commonest first, beyond the first 1,000 left out; null where answers are no labels. */
  answers: z.array(z.tuple([z.string(), share])).nullable(),
  /** Share of words that the model has no vector for; null where its family doesn't tell. */
  unknownWords: share.nullable(),
});

/** What the calibration split looked like, so that calls in service can be compared with it. Ten bins of [0, 1]. */
export const calibratedSchema = z.looseObject({
  n: count,
  /** Shares of confidences. */
  confidence: z.array(share).length(10),
  /** Shares of texts by how much of their words and n-grams is unknown; null where the family doesn't tell. */
  unknownGrams: z.array(share).length(10).nullable(),
});

export const measurementsSchema = z.looseObject({
  /** Agreement with the teacher on the test split, and of what on how many. */
  test: z.looseObject({
    n: count,
    agreement: figure,
    /** The same of the quantised copy, where there is one and it was asked. */
    quantised: share.optional(),
  }),
  /** What the test split looked like to the student, so that later inputs can be compared with it. */
  reference: referenceSchema.optional(),
  calibrated: calibratedSchema.optional(),
  /** The same of what needs no student. */
  baselines: z.looseObject({ majority: figure, ngramLinear: figure }),
  training: z.looseObject({
    seconds: figure,
    tokens: figure,
    tokensPerSecond: figure,
    /** Unknown of students that were trained before it was counted. */
    paddingShare: share.optional(),
    steps: count,
    chips: count,
    schedule: z.string(),
    bubble: figure,
  }),
});

/** What a certificate is reckoned from. */
export interface StudentScores {
  readonly tune: readonly ScoredAnswer[];
  readonly calibration: readonly ScoredAnswer[];
  /** With which it was distilled. */
  readonly delta: number;
}

export interface StudentContents {
  /** The name of the family of its model. */
  readonly family: string;
  readonly task: StudentTask;
  /** How texts are redacted before the student reads them; null: they aren't. */
  readonly redaction: StudentRedaction | null;
  readonly files: ModelFiles;
  readonly certificate: z.infer<typeof certificateSchema> | null;
  /** Why there is no certificate. */
  readonly reason?: string;
  readonly refusal?: Refusal;
  readonly lineage: z.infer<typeof lineageSchema>;
  readonly measurements: z.infer<typeof measurementsSchema>;
  /** What its certificate was reckoned from. */
  readonly scores?: StudentScores;
}
