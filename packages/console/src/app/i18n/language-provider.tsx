/**
 * Texts in the user's language; a catalogue is loaded when it is wanted.
 *
 * @module
 */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { IntlProvider, type Messages } from 'use-intl';
import { firstLanguage, formatLocale, type Language, rememberLanguage } from './language.ts';

const catalogues: Record<Language, () => Promise<{ default: Messages }>> = {
  en: () => import('./en/index.ts'),
  de: () => import('./de/index.ts'),
};

const Choice = createContext<{ language: Language; choose: (language: Language) => void }>({
  language: 'en',
  choose: () => {},
});

/** The language that is shown, and how to choose another. */
export const useLanguage = () => useContext(Choice);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [wanted, setWanted] = useState(firstLanguage);
  const [shown, setShown] = useState<{ language: Language; messages: Messages }>();
  useEffect(() => {
    let isWanted = true;
    void catalogues[wanted]().then(({ default: messages }) => {
      if (isWanted) setShown({ language: wanted, messages });
    });
    return () => {
      isWanted = false;
    };
  }, [wanted]);
  useEffect(() => {
    if (shown) document.documentElement.lang = shown.language;
  }, [shown]);
  if (!shown) return null;
  const choose = (language: Language) => {
    rememberLanguage(language);
    setWanted(language);
  };
  // With its region, so that figures within texts are written as those beside them.
  const locale = formatLocale(shown.language);
  const { timeZone } = Intl.DateTimeFormat(locale).resolvedOptions();
  return (
    <Choice value={{ language: shown.language, choose }}>
      <IntlProvider locale={locale} messages={shown.messages} timeZone={timeZone}>
        {children}
      </IntlProvider>
    </Choice>
  );
}
