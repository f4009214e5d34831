/**
 * The language and the colours.
 *
 * @module
 */
import { Group, NativeSelect, useMantineColorScheme } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { isLanguage, languageNames, languages } from '../i18n/language.ts';
import { useLanguage } from '../i18n/language-provider.tsx';

const schemes = ['auto', 'light', 'dark'] as const;

export function Settings() {
  const t = useTranslations('common');
  const { language, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Group gap="xs">
      <NativeSelect
        size="xs"
        aria-label={t('language')}
        value={language}
        onChange={({ currentTarget: { value } }) => isLanguage(value) && choose(value)}
        data={languages.map((value) => ({ value, label: languageNames[value] }))}
      />
      <NativeSelect
        size="xs"
        aria-label={t('scheme.label')}
        value={colorScheme}
        onChange={({ currentTarget: { value } }) =>
          setColorScheme(schemes.find((scheme) => scheme === value) ?? 'auto')
        }
        data={schemes.map((value) => ({ value, label: t(`scheme.${value}`) }))}
      />
    </Group>
  );
}
