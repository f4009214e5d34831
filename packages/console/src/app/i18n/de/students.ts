import type { students as en } from '../en/students.ts';
import type { Texts } from '../texts.ts';

export const students: Texts<typeof en> = {
  title: 'Schüler',
};
