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
import type { ChartWords } from '../../charts/words.ts';
import { formatLocale } from '../i18n/language.ts';

const sheet = new CSSStyleSheet();
sheet.replaceSync(`${chartColours}${chartStyle}`);

/** Around all charts of a page. */
export function Charts({ children }: { children: ReactNode }) {
  const language = useLocale();
  const t = useTranslations('charts');
  const numbers = useMemo(() => numbersIn(formatLocale(language)), [language]);
  const words = useMemo(() => chartWords(t), [t]);
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
  return (
    <ChartLanguage numbers={numbers} words={words}>
      {children}
    </ChartLanguage>
  );
}

function chartWords(t: ReturnType<typeof useTranslations<'charts'>>): ChartWords {
  return {
    asTable: t('asTable'),
    nothing: t('nothing'),
    tooShort: t('tooShort'),
    confidence: t('confidence'),
    agreement: t('agreement'),
    disagreement: t('disagreement'),
    coverage: t('coverage'),
    answers: t('answers'),
    step: t('step'),
    loss: t('loss'),
    time: t('time'),
    interval: (low, high) => t('interval', { low, high }),
    lossTold: (first, last, steps) => t('lossTold', { first, last, steps }),
    latencyTitle: t('latencyTitle'),
    latencyTold: (median, percentile99) => t('latencyTold', { median, percentile99 }),
    reliabilityTitle: t('reliabilityTitle'),
    reliabilityTold: (confidence, agreement) => t('reliabilityTold', { confidence, agreement }),
    reliabilityBar: (low, high, agreement, n) => t('reliabilityBar', { low, high, agreement, n }),
    riskTitle: t('riskTitle'),
    riskLimit: (alpha) => t('riskLimit', { alpha }),
    riskPoint: (coverage, disagreement) => t('riskPoint', { coverage, disagreement }),
    riskTold: (coverage, disagreement) => t('riskTold', { coverage, disagreement }),
    riskUncertified: t('riskUncertified'),
    breakEvenAt: (where) => t('breakEvenAt', { where }),
    breakEvenWithin: (where, low, high) => t('breakEvenWithin', { where, low, high }),
    breakEvenNever: t('breakEvenNever'),
    confusionCorner: t('confusionCorner'),
    teacherSaid: t('teacherSaid'),
    studentSaid: t('studentSaid'),
    times: t('times'),
    noDisagreement: t('noDisagreement'),
    mixUps: (shown, kinds, total, labels) => t('mixUps', { shown, kinds, total, labels }),
  };
}
