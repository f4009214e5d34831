/**
 * What the configuration says of students in service.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** More chips than this help only a gateway that does little else. */
const mostByDefault = 4;

export const studentsSchema = z.strictObject({
  /**
   * On how many chips each student answers, a thread with a copy of the model each. Left out, all cores but the one that
   * the calls go through, and no more than four.
   */
  chips: z
    .int()
    .min(1)
    .max(256)
    .default(() => Math.max(1, Math.min(mostByDefault, availableParallelism() - 1))),
});
