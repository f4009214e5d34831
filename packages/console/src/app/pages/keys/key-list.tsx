/**
 * The keys: what each may use and has used, and what can be done with it.
 *
 * @module
 */
import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { CreateDialogue } from './create-dialogue.tsx';
import { LimitsDialogue } from './limits-dialogue.tsx';
import { RevokeDialogue } from './revoke-dialogue.tsx';
import { RotateDialogue } from './rotate-dialogue.tsx';
import { SecretDialogue } from './secret-dialogue.tsx';
import { type KeyFacts, type Shown, useKeys } from './use-keys.ts';

type Open = { what: 'create' } | { what: 'limits' | 'rotate' | 'revoke'; key: KeyFacts };

export function KeyList() {
  const t = useTranslations('keys');
  const query = useKeys();
  const [open, setOpen] = useState<Open>();
  const [shown, setShown] = useState<Shown>();
  const close = () => setOpen(undefined);
  const onShown = (secret: Shown) => {
    close();
    setShown(secret);
  };
  return (
    <Stack>
      <Group>
        <Button onClick={() => setOpen({ what: 'create' })}>{t('create')}</Button>
      </Group>
      <Answer query={query}>
        {({ keys }) =>
          keys.length === 0 ? (
            <EmptyState title={t('emptyKeys')}>{t('emptyKeysHint')}</EmptyState>
          ) : (
            <KeyTable keys={keys} onOpen={(what, key) => setOpen({ what, key })} />
          )
        }
      </Answer>
      {open?.what === 'create' && <CreateDialogue onClose={close} onShown={onShown} />}
      {open?.what === 'limits' && <LimitsDialogue of={open.key} onClose={close} />}
      {open?.what === 'rotate' && <RotateDialogue of={open.key} onClose={close} onShown={onShown} />}
      {open?.what === 'revoke' && <RevokeDialogue of={open.key} onClose={close} />}
      {shown && <SecretDialogue shown={shown} onClose={() => setShown(undefined)} />}
    </Stack>
  );
}

interface KeyTableProps {
  keys: readonly KeyFacts[];
  onOpen: (what: 'limits' | 'rotate' | 'revoke', key: KeyFacts) => void;
}

function KeyTable({ keys, onOpen }: KeyTableProps) {
  const t = useTranslations('keys');
  const { money, dateTime, number } = useFormats();
  const limitsOf = ({ usdPerMonth, requestsPerMinute, tokensPerMinute }: KeyFacts['limits']) =>
    [
      usdPerMonth === null ? [] : [`${t('usdPerMonth')}: ${money(usdPerMonth)}`],
      requestsPerMinute === null ? [] : [`${t('requestsPerMinute')}: ${number(requestsPerMinute)}`],
      tokensPerMinute === null ? [] : [`${t('tokensPerMinute')}: ${number(tokensPerMinute)}`],
    ].flat();
  const acts = ['limits', 'rotate', 'revoke'] as const;
  const labels = { limits: t('setLimits'), rotate: t('rotate'), revoke: t('revoke') };
  return (
    <Table.ScrollContainer minWidth={900} type="native" tabIndex={0} role="region" aria-label={t('tab.keys')}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            {[t('name'), t('scope'), t('stateLabel'), t('lastUsed'), t('spent'), t('limits'), t('acts')].map(
              (head) => (
                <Table.Th key={head} scope="col">
                  {head}
                </Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Th scope="row" miw="10rem" maw="18rem">
                <RecordedText text={key.name} />
                <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                  {key.id}
                </Text>
              </Table.Th>
              <Table.Td>
                {t(`scopeShort.${key.scope}`)}
                {key.isYours && (
                  <Badge
                    ml="xs"
                    size="sm"
                    variant="outline"
                    color="gray"
                    c="var(--mantine-color-text)"
                    tt="none"
                  >
                    {t('yours')}
                  </Badge>
                )}
              </Table.Td>
              <Table.Td>
                {t(`state.${key.state}`)}
                {key.state === 'active' && key.expiresAt !== null && (
                  <Text size="xs" c="dimmed">
                    {t('expires')} {dateTime(key.expiresAt)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{key.lastUsedAt === null ? t('never') : dateTime(key.lastUsedAt)}</Table.Td>
              <Table.Td>{money(key.spent)}</Table.Td>
              <Table.Td>
                {limitsOf(key.limits).map((limit) => (
                  <Text key={limit} size="sm">
                    {limit}
                  </Text>
                ))}
                {limitsOf(key.limits).length === 0 && t('noLimit')}
              </Table.Td>
              <Table.Td>
                {key.state === 'active' && (
                  <Group gap="xs">
                    {acts.map((act) => (
                      <Button
                        key={act}
                        size="compact-sm"
                        variant="default"
                        onClick={() => onOpen(act, key)}
                        aria-label={`${labels[act]}: ${key.name}`}
                      >
                        {labels[act]}
                      </Button>
                    ))}
                  </Group>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
