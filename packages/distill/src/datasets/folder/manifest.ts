/**
 * `dataset.json`: everything of a dataset but its examples, which lie beside it, a file of JSON Lines to each split.
 *
 * @module
 */
import { z } from 'zod';
import { SPLITS, type Split } from '../dataset.ts';

export const manifestName = 'dataset.json';
export const manifestFormat = 'kolben-dataset';
export const manifestVersion = 1;

export const splitFile = (split: Split): string => `${split}.jsonl`;

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const countNames = [
  'n',
  ...SPLITS,
  'read',
  'unlabelled',
  'strays',
  'redacted',
  'inherited',
  'duplicatesRemoved',
  'contradicting',
  'conflicts',
  'nearDuplicates',
] as const;

export const manifestSchema = z.object({
  format: z.literal(manifestFormat),
  version: z.literal(manifestVersion),
  digest,
  parent: digest.nullable(),
  kind: z.enum(['classify', 'extract', 'generate']),
  multiple: z.boolean(),
  seed: z.number().int(),
  splitBy: z.enum(['random', 'time']),
  source: z.string().nullable(),
  labels: z.array(z.string()),
  counts: z.object(
    Object.fromEntries(countNames.map((name) => [name, count])) as Record<CountName, typeof count>,
  ),
  redaction: z
    .object({
      version: count,
      countries: z.array(z.string()),
      patterns: z.array(z.object({ name: z.string(), source: z.string(), flags: z.string() })),
      found: z.record(z.string(), count),
    })
    .nullable(),
  conflicts: z.array(
    z.object({
      text: z.string(),
      answers: z.array(z.object({ answer: z.string(), count })),
      kept: z.string().nullable(),
    }),
  ),
  selfAgreement: z.object({ inputs: count, agreement: share }).nullable(),
  warnings: z.array(z.string()),
});
type CountName = (typeof countNames)[number];

export const exampleSchema = z.strictObject({
  text: z.string(),
  answer: z.string(),
  count: z.number().int().positive(),
  at: z.iso.datetime().optional(),
  soft: z.record(z.string(), share).optional(),
  conversations: z.array(z.string()).optional(),
});
