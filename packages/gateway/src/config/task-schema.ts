/**
 * What the configuration says of a task: one narrow job, who teaches it and who answers it.
 *
 * @module
 */
import type { EqualityFunction } from '@kolben/distill';
import { routes } from '@kolben/store';
import { z } from 'zod';
import { boundsSchema, budgetSchema } from './budget-schema.ts';
import { cacheSchema } from './cache-schema.ts';
import { jurisdictionsSchema } from './jurisdictions.ts';
import { taskRedactionSchema } from './redaction-schema.ts';
import { watchSchema } from './watch-schema.ts';

const teacher = z.string().regex(/^[^/]+\/.+$/, 'must be provider/model, such as openai/gpt-4.1-mini');

export const taskSchema = z.strictObject({
  kind: z.enum(['classify', 'extract', 'generate']),
  /** `provider/model`; the model's name may hold further slashes. */
  teacher,
  /** Who is asked where the teacher can't answer, in this order. */
  fallbacks: z.array(teacher).default([]),
  /** Under whose law the task's calls may be answered. Teachers of other places are never asked. */
  jurisdictions: jurisdictionsSchema.optional(),
  route: z.enum(routes).default('teacher'),
  labels: z.array(z.string().min(1)).min(2).optional(),
  /** What `kolben label` tells the teacher, as a system message, where an input has none of its own. */
  prompt: z.string().min(1).optional(),
  /** What the task's calls may cost in a month. */
  budget: budgetSchema.optional(),
  /** What one call may come to at most, where it doesn't say itself: for budgets, and limits of tokens. */
  bounds: boundsSchema.optional(),
  /** Answers are given once more to the very same question. Off where left out. */
  cache: cacheSchema.optional(),
  /** A student folder. It goes before the one registered in the store; left out, the registered one serves. */
  student: z.string().min(1).optional(),
  /** Left out: personal data is taken out of its texts before they are stored. */
  redaction: taskRedactionSchema.optional(),
  /** Share of all calls of a cascade, drawn by lot, that student and teacher are both asked. */
  audit: z.number().min(0).max(1).default(0.05),
  /** The largest probability that a student which keeps its promise is ever withdrawn. */
  falseAlarm: z.number().gt(0).lt(1).default(0.05),
  /** How far inputs may be from the calibration split's, in bits of the Jensen–Shannon divergence, before an event says so. */
  driftAlarm: z.number().min(0).max(1).default(0.1),
  /** When two written answers say the same, where the student was distilled with a function of one's own. */
  equality: z
    .custom<EqualityFunction>(
      (value) => typeof value === 'function',
      'must be a function (teacher, student) => boolean',
    )
    .optional(),
  watch: watchSchema.prefault({}),
});

export type TaskConfig = z.output<typeof taskSchema>;
