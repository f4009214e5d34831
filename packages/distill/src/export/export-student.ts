/**
 * A student for other people's programs: its folder, its ONNX model, or a GGUF file.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cardName, manifestName, onnxName } from '../students/folder/file-names.ts';
import { readStudentFolder, type StudentFolder } from '../students/student-folder.ts';
import { decoderGguf } from './gguf/decoder-gguf.ts';
import { checkFree, type Parts, writeNewFile, writeNewFolder } from './write-new.ts';

/**
 * `hf`: a folder in Hugging Face's layout, which a student folder is; `onnx`: the ONNX model alone; `gguf`: a decoder
 * with its tokenizer for llama.cpp.
 */
export const EXPORT_FORMATS = ['hf', 'onnx', 'gguf'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportStudentOptions {
  readonly to: ExportFormat;
  /** The file to be written, or for `hf` the folder; nothing may be there. */
  readonly out: string;
  /** For `gguf`: keeps matrices in float16, rounded to nearest. Default false: as they are. */
  readonly halves?: boolean;
  /** Asked before anything is written; throws where the student may not be handed on. */
  readonly permit?: (student: StudentFolder) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface ExportReport {
  readonly out: string;
  readonly format: ExportFormat;
  /** In all files. */
  readonly bytes: number;
  /** Of the student; two folders with one digest answer alike. */
  readonly digest: string;
}

/**
 * @throws StudentFolderError when `directory` is not a whole student's; GgufError for a student that GGUF cannot hold;
 * ExportError when it cannot be written. Nothing is left at `out` then.
 */
export async function exportStudent(
  directory: string,
  { to, out, halves = false, permit, signal }: ExportStudentOptions,
): Promise<ExportReport> {
  await checkFree(out);
  const student = await readStudentFolder(directory);
  await permit?.(student);
  const { files, digest } = student;
  const written = (bytes: number): ExportReport => ({ out, format: to, bytes, digest });
  const file = async (parts: Parts, bytes: number) => {
    await writeNewFile(out, parts, signal);
    return written(bytes);
  };
  if (to === 'gguf') {
    const gguf = decoderGguf(files, { name: student.task.name, halves });
    return file(gguf.parts(), gguf.bytes);
  }
  if (to === 'onnx') {
    const onnx = files.get(onnxName)!;
    return file([onnx], onnx.length);
  }
  const all = new Map(files);
  // The card and the manifest belong to it: what it was made of, and what it may be relied on for.
  for (const name of [cardName, manifestName]) {
    const bytes = await readFile(join(directory, name)).catch(() => undefined);
    if (bytes) all.set(name, bytes);
  }
  await writeNewFolder(out, all, signal);
  return written([...all.values()].reduce((sum, { length }) => sum + length, 0));
}
