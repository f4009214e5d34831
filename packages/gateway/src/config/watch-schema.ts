/**
 * The rules by which `kolben watch` takes a task from its first calls to a student in daily work.
 *
 * @module
 */
import { z } from 'zod';

const count = z.int().min(1).max(100_000_000);
const level = z.number().gt(0).lt(1);

export const watchSchema = z.strictObject({
  /** Calls with a teacher's answer that the first student is distilled from. A dataset needs 50 at the least. */
  calls: count.min(50).default(1_000),
  /** New ones since the last dataset, for the next student. */
  newCalls: count.default(1_000),
  /** Calls that a new student answers in the shadow before it goes into service. */
  shadowCalls: z.int().min(0).max(100_000_000).default(200),
  /** The least share of calls that a certificate must cover for its student to go into service. */
  minimumCoverage: z.number().min(0).max(1).default(0.2),
  /** The largest share of disagreement to certify. */
  alpha: level.default(0.05),
  /** The largest probability that a certificate is false. */
  delta: level.default(0.05),
  /** An open model that the students stand on: a folder, or the id of a model on the hub. Default: none. */
  base: z.string().min(1).optional(),
  /** Trains adapters of this rank instead of all of the base. */
  lora: z.int().min(1).max(512).optional(),
  /** Seconds that a training may take. */
  timeBudget: z.number().gt(0).default(300),
  chips: z.int().min(1).max(4).default(2),
  /** How often `kolben watch` looks, seconds. */
  every: z.number().min(0.05).max(86_400).default(60),
});

export type WatchRules = z.output<typeof watchSchema>;
