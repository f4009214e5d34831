import type { tasks as en } from '../en/tasks.ts';
import type { Texts } from '../texts.ts';

export const tasks: Texts<typeof en> = {
  title: 'Aufgaben',
};
