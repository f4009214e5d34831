/**
 * What is taken out of texts before they are stored.
 *
 * @module
 */
import { z } from 'zod';

const pattern = z.union([
  z.instanceof(RegExp),
  z.string().superRefine((source, context) => {
    try {
      new RegExp(source, 'u');
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a regular expression; correct it' });
    }
  }),
]);

/** Beside mail addresses, phone numbers, IBANs, card numbers and numbers of persons, which are always looked for. */
export const redactionSchema = z.strictObject({
  /** ISO 3166-1 codes of the countries whose national phone numbers are known; AT, DE and CH where left out. */
  countries: z.array(z.string().regex(/^[A-Z]{2}$/, 'must be a code of two letters, such as AT')).optional(),
  /** Patterns of one's own, such as the form of one's customer numbers. */
  patterns: z
    .array(
      z.strictObject({
        /** What is put in its place, in brackets. */
        name: z.string().regex(/^[\p{L}\p{N}_-]{1,40}$/u, 'must be 1 to 40 letters, digits, _ or -'),
        pattern,
      }),
    )
    .default([]),
});

/** A function of one's own: gets a text, gives it back without what is not to be stored. */
export type RedactHook = (text: string) => string | Promise<string>;

export const redactHookSchema = z.custom<RedactHook>(
  (value) => typeof value === 'function',
  'must be a function that takes a text and gives a text',
);

/** What a task says of it. */
export const taskRedactionSchema = z.strictObject({
  /** Nothing is taken out of this task's texts; why that is right, in a sentence. */
  off: z.string().trim().min(10),
});
