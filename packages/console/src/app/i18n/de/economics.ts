import type { economics as en } from '../en/economics.ts';
import type { Texts } from '../texts.ts';

export const economics: Texts<typeof en> = {
  title: 'Wirtschaftlichkeit',
};
