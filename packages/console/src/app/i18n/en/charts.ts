import { englishTexts } from '../../../charts/words.ts';
import type { Texts } from '../texts.ts';

/** What charts say by themselves; the reports of the command line say the very same. */
export const charts: Texts<typeof englishTexts> = englishTexts;
