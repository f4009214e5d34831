/**
 * A process that writes a student folder over and over until it is killed or fails: `write-students.ts <folder>`.
 * Says `wrote` on a line of its own each time, or the error's code and message, and then exits with 1. With
 * `as-nobody` after the folder it gives up an administrator's rights, to whom no folder is closed.
 *
 * @module
 */
import { KolbenError, startChip } from '@kolben/engine';
import { writeStudentFolder } from '../student-folder.ts';
import { cardOfStudent, randomStudent } from './random-student.ts';

const [directory, asNobody] = process.argv.slice(2);
const chip = await startChip();
const students = [await randomStudent(chip, { seed: 0 }), await randomStudent(chip, { seed: 1 })];
await chip.close();
if (asNobody && process.getuid?.() === 0) {
  process.setgid?.(65_534);
  process.setuid?.(65_534);
}
try {
  for (let i = 0; ; i++) {
    await writeStudentFolder(directory, students[i % students.length], cardOfStudent(students[0]));
    process.stdout.write('wrote\n');
  }
} catch (error) {
  if (!KolbenError.isInstance(error)) throw error;
  process.stdout.write(`${error.code} ${error.message}\n`);
  process.exitCode = 1;
}
