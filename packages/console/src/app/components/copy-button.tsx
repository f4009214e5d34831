/**
 * Copies a text, and says so.
 *
 * @module
 */
import { Button, CopyButton as MantineCopyButton } from '@mantine/core';
import { useTranslations } from 'use-intl';

export function CopyButton({ text }: { text: string }) {
  const t = useTranslations('common');
  return (
    <MantineCopyButton value={text} timeout={2_000}>
      {({ copied, copy }) => (
        <Button size="compact-sm" variant="default" onClick={copy} aria-live="polite">
          {copied ? t('copied') : t('copy')}
        </Button>
      )}
    </MantineCopyButton>
  );
}
