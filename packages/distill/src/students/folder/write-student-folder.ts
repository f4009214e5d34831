/**
 * Writes a student folder: whole or not at all.
 *
 * @module
 */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { FamilyCard } from '../family.ts';
import { checkReplaceable, resolveTarget } from './check-writable.ts';
import { cardName, type ModelName, manifestName, modelNames, onnxName, scoresName } from './file-names.ts';
import { jsonFile } from './json-file.ts';
import { besideName, clearLeftovers } from './leftovers.ts';
import { fileEntry, type Manifest, manifestFormat, manifestVersion, studentDigest } from './manifest.ts';
import { modelCard } from './model-card.ts';
import { scoresFile } from './scores.ts';
import type { StudentContents } from './student-contents.ts';
import { refusedWrite, systemCode } from './student-folder-error.ts';

export interface WriteStudentFolderOptions {
  readonly signal?: AbortSignal;
}

/**
 * Writes beside the folder, then renames: what stands at `directory` is the old student or the new one. A process
 * killed between two renames leaves neither there, but both beside it; the next writer puts the old one back.
 *
 * @param card what the model's family says of it in the model card
 * @returns the student's digest
 * @throws StudentFolderError when the place is taken by something else or the system refuses to write; the signal's
 * reason when aborted. Nothing of it is left then, and a student that was there before still is.
 */
export async function writeStudentFolder(
  directory: string,
  contents: StudentContents,
  card: FamilyCard,
  { signal }: WriteStudentFolderOptions = {},
): Promise<{ digest: string }> {
  const { files, digest } = filesOf(withoutPath(contents), card);
  try {
    const target = await resolveTarget(directory);
    await clearLeftovers(target);
    await checkReplaceable(target, directory);
    await mkdir(dirname(target), { recursive: true });
    const partial = besideName(target, 'partial');
    try {
      await mkdir(join(partial, dirname(onnxName)), { recursive: true });
      for (const [name, content] of files) {
        signal?.throwIfAborted();
        await writeSynced(join(partial, name), content);
      }
      await syncFolder(join(partial, dirname(onnxName)));
      await syncFolder(partial);
      signal?.throwIfAborted();
      await replaceFolder(target, partial);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw refusedWrite(error, directory);
  }
  return { digest };
}

/** A folder is handed on; where its examples lay on somebody's machine is nobody else's business. */
function withoutPath(contents: StudentContents): StudentContents {
  const { source } = contents.lineage;
  if (source === null || !isAbsolute(source)) return contents;
  return { ...contents, lineage: { ...contents.lineage, source: basename(source) } };
}

function filesOf(
  contents: StudentContents,
  familyCard: FamilyCard,
): { files: [string, Uint8Array][]; digest: string } {
  const { family, task, redaction, certificate, reason, refusal, lineage, measurements } = contents;
  const models = modelNames.flatMap((name): [ModelName, Uint8Array][] => {
    const content = contents.files.get(name);
    return content ? [[name, content]] : [];
  });
  const entries: Manifest['files'] = Object.fromEntries(
    models.map(([name, content]) => [name, fileEntry(content)]),
  );
  const scores = contents.scores && scoresFile(contents.scores, entries);
  const told = { family, task, redaction, certificate };
  const digest = studentDigest({ ...told, files: entries });
  const manifest: Manifest = {
    format: manifestFormat,
    version: manifestVersion,
    digest,
    ...told,
    ...(reason === undefined ? {} : { reason }),
    ...(refusal === undefined ? {} : { refusal }),
    measurements,
    lineage,
    files: entries,
    ...(scores && { scores: fileEntry(scores) }),
  };
  const card = new TextEncoder().encode(modelCard(contents, familyCard, digest));
  const files: [string, Uint8Array][] = [...models, [cardName, card], [manifestName, jsonFile(manifest)]];
  if (scores) files.push([scoresName, scores]);
  return { digest, files };
}

async function writeSynced(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that a loss of power doesn't undo what was renamed or created in it. */
async function syncFolder(path: string): Promise<void> {
  // Windows does not open folders, and needs no such thing.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Puts `partial` where `target` is or would be. */
async function replaceFolder(target: string, partial: string): Promise<void> {
  const before = await stat(target).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  const replaced = besideName(target, 'replaced');
  if (before) await rename(target, replaced);
  try {
    await rename(partial, target);
  } catch (error) {
    if (before) await rename(replaced, target);
    throw error;
  }
  await syncFolder(dirname(target));
  if (before) await rm(replaced, { recursive: true, force: true });
}
