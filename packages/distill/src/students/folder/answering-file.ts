/**
 * Which of a student's ONNX files answers.
 *
 * @module
 */
import type { ModelFiles } from '../family.ts';
import { onnxName, quantisedName } from './file-names.ts';
import { StudentFolderError } from './student-folder-error.ts';

/**
 * The model, or its copy in fewer bits.
 *
 * @throws StudentFolderError (`student_folder_not_quantised`) where there is no copy
 */
export function answeringFile(files: ModelFiles, directory: string, quantised: boolean): Uint8Array {
  // (A folder without the model isn't opened.)
  const onnx = files.get(quantised ? quantisedName : onnxName);
  if (!onnx)
    throw new StudentFolderError(
      'student_folder_not_quantised',
      directory,
      'it has no quantised copy; open it as it is',
    );
  return onnx;
}
