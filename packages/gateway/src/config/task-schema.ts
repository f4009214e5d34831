/**
 * What the configuration says of a task: one narrow job, who teaches it and who answers it.
 *
 * @module
 */
import { routes } from '@kolben/store';
import { z } from 'zod';
import { boundsSchema, budgetSchema } from './budget-schema.ts';
import { cacheSchema } from './cache-schema.ts';
import { jurisdictionsSchema } from './jurisdictions.ts';

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
});

export type TaskConfig = z.output<typeof taskSchema>;
