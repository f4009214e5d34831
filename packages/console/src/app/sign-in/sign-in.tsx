/**
 * The door: a key of scope `admin`, which the page forgets as soon as it is sent.
 *
 * @module
 */
import { Alert, Button, Center, Group, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { CommandLine } from '../components/command-line.tsx';
import { ErrorNotice } from '../components/error-notice.tsx';
import { Settings } from '../layout/settings.tsx';
import { api, read } from '../lib/api.ts';
import { sessionKey } from '../lib/session.ts';

export interface SignInProps {
  /** Why it isn't known who is signed in, where it isn't. */
  fault: Error | null;
  /** Somebody was, until a moment ago. */
  hasEnded: boolean;
}

export function SignIn({ fault, hasEnded }: SignInProps) {
  const t = useTranslations('common');
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const enter = useMutation({
    mutationFn: (key: string) => read(api.session.$post({ json: { key } })),
    onSuccess: () => {
      setKey('');
      return client.invalidateQueries({ queryKey: sessionKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== '') enter.mutate(key);
  };
  const error = enter.error ?? fault;
  return (
    <Center component="main" mih="100vh" p="md">
      <title>{`${t('signIn.title')} – ${t('appName')}`}</title>
      <Paper withBorder p="xl" w="100%" maw="28rem">
        <form onSubmit={submit}>
          <Stack>
            <Group justify="space-between">
              <Title order={1} size="h3">
                {t('appName')}
              </Title>
              <Settings />
            </Group>
            {hasEnded && !error && (
              <Alert color="yellow" variant="outline">
                {t('signIn.ended')}
              </Alert>
            )}
            <Text>{t('signIn.what')}</Text>
            <PasswordInput
              label={t('signIn.key')}
              placeholder={t('signIn.keyHint')}
              visibilityToggleButtonProps={{ 'aria-label': t('signIn.showKey') }}
              value={key}
              onChange={({ currentTarget: { value } }) => setKey(value)}
              autoComplete="current-password"
              spellCheck={false}
              required
              ref={field}
            />
            {error && <ErrorNotice error={error} />}
            <Button type="submit" loading={enter.isPending}>
              {t('signIn.submit')}
            </Button>
            <Text size="sm" c="dimmed">
              {t('signIn.noKey')}
            </Text>
            <CommandLine command="kolben keys create --name console --scope admin" />
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
