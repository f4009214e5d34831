/**
 * The student folder (design, section 8): what a student is outside of Kolben.
 *
 * @module
 */
export { checkWritable } from './folder/check-writable.ts';
export { readStudentFolder, type StudentFolder } from './folder/read-student-folder.ts';
export { readScores } from './folder/scores.ts';
export type { StudentContents } from './folder/student-contents.ts';
export { StudentFolderError, type StudentFolderErrorCode } from './folder/student-folder-error.ts';
export { writeStudentFolder } from './folder/write-student-folder.ts';
