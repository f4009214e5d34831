/**
 * Who is signed in, and the way out.
 *
 * @module
 */
import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { RecordedText } from '../components/recorded-text.tsx';
import { api, read } from '../lib/api.ts';
import { signOutHere } from '../lib/query-client.ts';
import type { PageSession } from '../lib/session.ts';

export function SignOut({ session }: { session: PageSession }) {
  const t = useTranslations('common');
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: () => read(api.session.$delete()),
    onSuccess: () => signOutHere(client, 'none'),
  });
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed" component="div">
        {t.rich('signedInAs', { name: () => <RecordedText key="name" text={session.key.name} isShort /> })}
      </Text>
      <Button variant="default" size="xs" loading={leave.isPending} onClick={() => leave.mutate()}>
        {t('signOut')}
      </Button>
      <Text size="xs" c="dimmed">
        {t('version', { version: session.version })}
      </Text>
    </Stack>
  );
}
