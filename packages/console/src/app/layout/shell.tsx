/**
 * What stands around every page: the list of pages, and the page's own settings.
 *
 * @module
 */
import { AppShell, Box, Burger, Group, NavLink, ScrollArea, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { Link, Route, Switch, useLocation } from 'wouter';
import { EmptyState } from '../components/empty-state.tsx';
import { ErrorBoundary } from '../components/error-boundary.tsx';
import { Loading } from '../components/loading.tsx';
import { PageHeader } from '../components/page-header.tsx';
import type { PageSession } from '../lib/session.ts';
import { areas } from './areas.ts';
import { Settings } from './settings.tsx';
import { SignOut } from './sign-out.tsx';

export function Shell({ session }: { session: PageSession }) {
  const t = useTranslations();
  const [isOpen, { toggle, close }] = useDisclosure();
  const [location] = useLocation();
  const here = areas.find(({ path }) => path !== '/' && `${location}/`.startsWith(`${path}/`));
  const current = here?.name ?? (location === '/' ? 'overview' : undefined);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 240, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a className="skip-link" href="#content">
        {t('common.skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-expanded={isOpen}
              aria-label={t(isOpen ? 'common.closeNavigation' : 'common.openNavigation')}
            />
            <Text fw={700} size="lg">
              {t('common.appName')}
            </Text>
          </Group>
          <Settings />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t('common.navigation')}>
        <AppShell.Section grow component={ScrollArea}>
          {areas.map(({ name, path }) => (
            <NavLink
              key={name}
              component={Link}
              href={path}
              label={t(`${name}.title`)}
              active={name === current}
              aria-current={name === current ? 'page' : undefined}
              onClick={close}
            />
          ))}
        </AppShell.Section>
        <AppShell.Section>
          <SignOut session={session} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {/* Another page begins without the mistakes of the last. */}
        <ErrorBoundary key={current ?? location}>
          <Suspense fallback={<Loading />}>
            <Box maw="90rem" mx="auto">
              <Switch>
                {areas.map(({ name, path, page: Page }) =>
                  path === '/' ? (
                    <Route key={name} path={path}>
                      <Page />
                    </Route>
                  ) : (
                    // Its own addresses are the page's own affair.
                    <Route key={name} path={path} nest>
                      <Page />
                    </Route>
                  ),
                )}
                <Route>
                  <PageHeader title={t('common.notFound')} />
                  <EmptyState title={t('common.notFoundHint')} />
                </Route>
              </Switch>
            </Box>
          </Suspense>
        </ErrorBoundary>
      </AppShell.Main>
    </AppShell>
  );
}
