/**
 * Providers: how they stand and have done, what they cost and allow, and what would be left without them.
 *
 * @module
 */
import { NativeSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { askProviders } from './ask-providers.ts';
import { ProviderCard } from './provider-card.tsx';
import { WhatIf } from './what-if.tsx';

const spans = [1, 7, 30];

export default function ProvidersPage() {
  const t = useTranslations('providers');
  const [days, setDays] = useState(7);
  const query = useQuery({
    queryKey: ['providers', days],
    queryFn: () => askProviders(days),
    // How a provider stands changes by itself.
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  });
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')}>
        <NativeSelect
          label={t('days')}
          value={String(days)}
          onChange={({ currentTarget: { value } }) => setDays(Number(value))}
          data={spans.map((span) => ({ value: String(span), label: t('daysOption', { days: span }) }))}
        />
      </PageHeader>
      <Answer query={query}>
        {({ providers, bans }) =>
          providers.length === 0 ? (
            <EmptyState title={t('none')}>{t('noneHint')}</EmptyState>
          ) : (
            <Stack gap="lg">
              <WhatIf bans={bans} />
              {providers.map((provider) => (
                <ProviderCard key={provider.name} provider={provider} />
              ))}
              <Text size="sm" c="dimmed">
                {t('attribution')}
              </Text>
            </Stack>
          )
        }
      </Answer>
    </>
  );
}
