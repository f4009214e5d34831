/**
 * What charts stand in on a page: their language, and the look that the reports have too.
 *
 * Their style sheet is text, since the reports hold it in their page; here it is taken up by the document itself, which
 * the policy allows.
 *
 * @module
 */
import { type ReactNode, useMemo } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { numbersIn } from '../../charts/numbers.ts';
import { ChartLanguage } from '../../charts/settings.tsx';
import { chartColours, chartStyle } from '../../charts/style.ts';
import { chartWords } from '../../charts/words.ts';

const sheet = new CSSStyleSheet();
sheet.replaceSync(`${chartColours}${chartStyle}`);

/** Around all charts of a page. */
export function Charts({ children }: { children: ReactNode }) {
  const locale = useLocale();
  const t = useTranslations('charts');
  const numbers = useMemo(() => numbersIn(locale), [locale]);
  const words = useMemo(() => chartWords((key, given) => t(key, given)), [t]);
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
  return (
    <ChartLanguage numbers={numbers} words={words}>
      {children}
    </ChartLanguage>
  );
}
