/**
 * How long the words of calls are kept.
 *
 * @module
 */
import { z } from 'zod';

export const retentionSchema = z.strictObject({
  /** The words of calls that came in more days ago are deleted for good; their figures stay. Left out: they are kept. */
  textDays: z.number().positive().max(36_500).optional(),
  /** How often a running gateway looks for such calls, minutes. */
  everyMinutes: z
    .number()
    .min(0.001)
    .max(24 * 60)
    .default(60),
});

export type RetentionConfig = z.output<typeof retentionSchema>;
