/**
 * What a student is for: one narrow job, as its folder tells it.
 *
 * @module
 */
import { z } from 'zod';

const name = z.string().min(1);

const classifySchema = z.object({
  name,
  kind: z.literal('classify'),
  labels: z
    .array(z.string())
    .min(1)
    .refine((labels) => new Set(labels).size === labels.length, 'the labels are not all different'),
  /** Whether an answer may name several labels, or none: it is then a JSON array of them. */
  multiple: z.boolean().default(false),
});

const extractSchema = z.object({
  name,
  kind: z.literal('extract'),
  /** JSON Schema of the answers. */
  schema: z.record(z.string(), z.json()),
});

const generateSchema = z.object({
  name,
  kind: z.literal('generate'),
  /** When two answers count as the same: `exact`, `normalised`, or the name and digest of a user's function. */
  equality: z.string().min(1),
  /** JSON Schema that every answer keeps to. */
  schema: z.record(z.string(), z.json()).optional(),
});

export const taskSchema = z.discriminatedUnion('kind', [classifySchema, extractSchema, generateSchema]);

export type StudentTask = z.infer<typeof taskSchema>;
export type ClassifyTask = z.infer<typeof classifySchema>;
export type ExtractTask = z.infer<typeof extractSchema>;
export type GenerateTask = z.infer<typeof generateSchema>;
export type TaskKind = StudentTask['kind'];
