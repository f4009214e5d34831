/**
 * Says when what is shown may be old.
 *
 * @module
 */
import { Alert } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { Live } from '../lib/use-live.ts';

/** Nothing as long as all is well, or nothing has come yet. */
export function LiveMark({ live }: { live: Live<unknown> }) {
  const t = useTranslations('common');
  if (live.isConnected || live.state === undefined) return null;
  return (
    <Alert color="yellow" variant="outline" mb="md" role="status">
      {t('notLive')}
    </Alert>
  );
}
