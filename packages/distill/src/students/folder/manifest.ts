/**
 * kolben.json: where the student comes from, what is certified, what was measured, and the digests by which
 * damage to the other files is noticed.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { redactionSchema } from '../redacted.ts';
import { taskSchema } from '../task.ts';
import { type ModelName, modelNames, requiredNames } from './file-names.ts';
import { certificateSchema, lineageSchema, measurementsSchema } from './student-contents.ts';

export const manifestFormat = 'kolben-student';
/** Of the folder's layout, of how texts are normalised and of how they are spelt. */
export const manifestVersion = 2;

const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const fileSchema = z.object({ bytes: z.int().nonnegative(), digest: digestSchema });

const refusalSchema = z.object({
  code: z.enum(['calibration_small', 'tune_empty', 'disagrees']),
  values: z.record(z.string(), z.number()),
});

export const manifestSchema = z.object({
  format: z.literal(manifestFormat),
  version: z.literal(manifestVersion),
  /** Names what the student answers and how far that is certified: two folders of one digest answer alike. */
  digest: digestSchema,
  /** Of models, by name: says who can open it. */
  family: z.string(),
  task: taskSchema,
  /** How texts are redacted before the student reads them; null: they aren't. */
  redaction: redactionSchema.nullable().default(null),
  certificate: certificateSchema.nullable(),
  reason: z.string().optional(),
  /** The same for other languages. Students that were made before it was kept have none. */
  refusal: refusalSchema.optional(),
  measurements: measurementsSchema,
  lineage: lineageSchema,
  files: z
    .partialRecord(z.enum(modelNames), fileSchema)
    .refine(
      (files) => requiredNames.every((name) => files[name] !== undefined),
      `${requiredNames.join(', ')} must all be there`,
    ),
  /** Of scores.json, which decides no answer. */
  scores: fileSchema.optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type FileEntry = z.infer<typeof fileSchema>;

export function fileEntry(content: Uint8Array): FileEntry {
  return { bytes: content.length, digest: digestOf(content) };
}

/** The digest of all that decides the answers and their certification. */
export function studentDigest({
  family,
  task,
  redaction,
  certificate,
  files,
}: Pick<Manifest, 'family' | 'task' | 'redaction' | 'certificate' | 'files'>): string {
  const decisive = {
    family,
    task: taskSchema.parse(task),
    redaction: redactionSchema.nullable().parse(redaction),
    certificate: certificateSchema.nullable().parse(certificate),
    files: modelNames.flatMap((name) => (files[name] ? [[name, files[name].digest]] : [])),
  };
  return digestOf(JSON.stringify(decisive));
}

/** Of the model's files alone: the same whatever is certified of it. */
export function modelDigest({ files }: Pick<Manifest, 'files'>): string {
  return digestOf(JSON.stringify(filesListed({ files }).map(([name, { digest }]) => [name, digest])));
}

/** The files of a manifest in the order of their names' list. */
export function filesListed({ files }: Pick<Manifest, 'files'>): [ModelName, FileEntry][] {
  return modelNames.flatMap((name): [ModelName, FileEntry][] => (files[name] ? [[name, files[name]]] : []));
}

function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
