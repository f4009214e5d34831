/**
 * A provider's terms as data: what somebody found when they read them, by use.
 *
 * Kolben ships nobody's terms: they change, and what was true of them on one day and in one country would be read as
 * advice. Whoever runs it reads them, and writes down clause, place and day.
 *
 * @module
 */
import { z } from 'zod';

export const verdicts = ['allowed', 'forbidden', 'unknown'] as const;
/** Whether answers of a provider may train a student. */
export type TermsVerdict = (typeof verdicts)[number];

export const distributions = ['internal', 'distributed'] as const;
/** `internal`: the student stays with whoever made it; `distributed`: it is given to third parties. */
export type Distribution = (typeof distributions)[number];

const verdict = z.enum(verdicts);
/** By the kind of student; what isn't named is `unknown`. */
const byKind = z.union([
  verdict,
  z.strictObject({ classify: verdict.optional(), extract: verdict.optional(), generate: verdict.optional() }),
]);

export const termsSchema = z.strictObject({
  /**
   * May answers of this provider train a student? One verdict for every use, or one by distribution, and in it one by
   * kind: `{ internal: { classify: 'allowed', generate: 'forbidden' }, distributed: 'forbidden' }`.
   */
  distillation: z.union([
    verdict,
    z.strictObject({ internal: byKind.optional(), distributed: byKind.optional() }),
  ]),
  /** The clause, word for word. Its digest is kept with every student that it was applied to. */
  clause: z.string().min(1).optional(),
  url: z.url().optional(),
  /** When the terms were read, ISO 8601. */
  date: z.iso.date().optional(),
  /** A permission that the provider has given in writing, kept in the lineage of every student that rests on it. */
  permission: z
    .strictObject({
      /** Where it is to be found: the number of a contract, the date and sender of a letter. */
      reference: z.string().trim().min(1),
      date: z.iso.date(),
    })
    .optional(),
});

export type ProviderTerms = z.infer<typeof termsSchema>;
