import type { runs as en } from '../en/runs.ts';
import type { Texts } from '../texts.ts';

export const runs: Texts<typeof en> = {
  title: 'Läufe',
};
