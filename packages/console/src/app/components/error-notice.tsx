/**
 * What went wrong, and what to do.
 *
 * @module
 */
import { Alert, Button, Stack, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useErrorText } from './use-error-text.ts';

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
