/**
 * What went wrong, and what to do.
 *
 * @module
 */
import { Alert, Button, Stack, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { ApiFault } from '../lib/api-fault.ts';

/** The sentence for an error: the catalogue's for its code, else the server's own. */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations('errors');
  return (error) => {
    if (!(error instanceof ApiFault)) return t('unknown');
    // Of any code it can be asked whether there is a text for it.
    const code = error.code as 'unknown';
    return t.has(code) ? t(code) : error.message;
  };
}

export interface ErrorNoticeProps {
  error: unknown;
  /** Offers to do it again. */
  onRetry?: (() => void) | undefined;
}

export function ErrorNotice({ error, onRetry }: ErrorNoticeProps) {
  const t = useTranslations();
  const textOf = useErrorText();
  return (
    <Alert color="red" variant="outline" title={t('errors.title')} role="alert">
      <Stack align="start" gap="sm">
        <Text size="sm">{textOf(error)}</Text>
        {onRetry && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            {t('common.retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
