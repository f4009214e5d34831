/**
 * What a student folder holds, apart from what can be worked out of it.
 *
 * The part that is not numbers of the model is kept in kolben.json and checked when it is read; what another
 * version of Kolben has added to it is kept as it is.
 *
 * @module
 */
import { z } from 'zod';
import type { ModelFiles } from '../family.ts';
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
  /** The dataset's digest and counts; the texts stay where they are. */
  dataset: z.looseObject({
    digest: z.string(),
    splitBy: z.enum(['random', 'time']),
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
  base: z.looseObject({ id: z.string(), revision: z.string().nullable(), digest: z.string() }).optional(),
  seed: z.int(),
  machine: z.looseObject({ cpu: z.string(), cores: count, node: z.string() }),
  /** The digest of the student that it continues. */
  parent: z.string().optional(),
});

export const measurementsSchema = z.looseObject({
  /** Agreement with the teacher on the test split, and of what on how many. */
  test: z.looseObject({ n: count, agreement: figure }),
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

export interface StudentContents {
  /** The name of the family of its model. */
  readonly family: string;
  readonly task: StudentTask;
  readonly files: ModelFiles;
  readonly certificate: z.infer<typeof certificateSchema> | null;
  /** Why there is no certificate. */
  readonly reason?: string;
  readonly lineage: z.infer<typeof lineageSchema>;
  readonly measurements: z.infer<typeof measurementsSchema>;
}
