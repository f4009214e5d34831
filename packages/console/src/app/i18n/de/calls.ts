import type { calls as en } from '../en/calls.ts';
import type { Texts } from '../texts.ts';

export const calls: Texts<typeof en> = {
  title: 'Aufrufe',
};
