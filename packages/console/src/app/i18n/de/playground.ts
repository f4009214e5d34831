import type { playground as en } from '../en/playground.ts';
import type { Texts } from '../texts.ts';

export const playground: Texts<typeof en> = {
  title: 'Ausprobieren',
};
