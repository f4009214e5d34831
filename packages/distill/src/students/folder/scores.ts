/**
 * scores.json: how sure the student was of each example of tune and calibration, and whether it agreed there with the
 * teacher. From it another certificate can be reckoned, by the same test, without the examples. It holds no texts, and
 * its numbers stand in order of size, so that nothing tells which example each was of.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ScoredAnswer } from '../../certificates/certificate.ts';
import { manifestName, scoresName } from './file-names.ts';
import { jsonFile, parseJson } from './json-file.ts';
import { fileEntry, type Manifest, manifestSchema, modelDigest } from './manifest.ts';
import type { StudentScores } from './student-contents.ts';
import { damaged, systemCode } from './student-folder-error.ts';

const scores = z.array(z.number()).readonly();
const splitSchema = z.object({ agreed: scores, disagreed: scores });
const schema = z.object({
  /** Of the model that gave them. */
  model: z.string(),
  delta: z.number().gt(0).lt(1),
  tune: splitSchema,
  calibration: splitSchema,
});

export function scoresFile(
  { tune, calibration, delta }: StudentScores,
  files: Manifest['files'],
): Uint8Array {
  return jsonFile({
    ...{ model: modelDigest({ files }), delta },
    ...{ tune: toSplit(tune), calibration: toSplit(calibration) },
  } satisfies z.infer<typeof schema>);
}

/**
 * Undefined of students that were distilled before scores were kept, or whose folder came without them.
 *
 * @throws StudentFolderError where they are not those of this student, or damaged
 */
export async function readScores(directory: string): Promise<StudentScores | undefined> {
  const path = join(directory, manifestName);
  const manifest = parseJson(manifestSchema, await readFile(path), path);
  const entry = manifest.scores;
  if (entry === undefined) return undefined;
  const file = join(directory, scoresName);
  const bytes = await readFile(file).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  if (fileEntry(bytes).digest !== entry.digest)
    throw damaged(file, 'it has been changed since it was written');
  const read = parseJson(schema, bytes, file);
  if (read.model !== modelDigest(manifest)) throw damaged(file, 'it is of another student');
  return { tune: fromSplit(read.tune), calibration: fromSplit(read.calibration), delta: read.delta };
}

function toSplit(answers: readonly ScoredAnswer[]): z.infer<typeof splitSchema> {
  const of = (wanted: boolean) =>
    answers
      .filter(({ correct }) => correct === wanted)
      .map(({ score }) => score)
      .sort((one, other) => other - one);
  return { agreed: of(true), disagreed: of(false) };
}

function fromSplit({ agreed, disagreed }: z.infer<typeof splitSchema>): ScoredAnswer[] {
  return [
    ...agreed.map((score) => ({ score, correct: true })),
    ...disagreed.map((score) => ({ score, correct: false })),
  ];
}
