import type { providers as en } from '../en/providers.ts';
import type { Texts } from '../texts.ts';

export const providers: Texts<typeof en> = {
  title: 'Anbieter',
};
