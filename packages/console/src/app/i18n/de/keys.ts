import type { keys as en } from '../en/keys.ts';
import type { Texts } from '../texts.ts';

export const keys: Texts<typeof en> = {
  title: 'Schlüssel und Protokoll',
};
