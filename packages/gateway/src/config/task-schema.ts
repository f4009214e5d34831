/**
 * What the configuration says of a task: one narrow job, who teaches it and who answers it.
 *
 * @module
 */
import { routes } from '@kolben/store';
import { z } from 'zod';
import { jurisdictionsSchema } from './jurisdictions.ts';

const teacher = z.string().regex(/^[^/]+\/.+$/, 'must be provider/model, such as openai/gpt-4.1-mini');

import { taskRedactionSchema } from './redaction-schema.ts';

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
  /** A student folder. It goes before the one registered in the store; left out, the registered one serves. */
  student: z.string().min(1).optional(),
  /** Left out: personal data is taken out of its texts before they are stored. */
  redaction: taskRedactionSchema.optional(),
});

export type TaskConfig = z.output<typeof taskSchema>;
