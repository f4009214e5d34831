/**
 * What stands around every page: the list of pages, and the page's own settings.
 *
 * @module
 */
import { AppShell, Box, Burger, Group, NavLink, ScrollArea, Text } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Suspense, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Link, Route, Switch, useLocation } from 'wouter';
import { EmptyState } from '../components/empty-state.tsx';
import { ErrorBoundary } from '../components/error-boundary.tsx';
import { Loading } from '../components/loading.tsx';
import { PageHeader } from '../components/page-header.tsx';
import type { PageSession } from '../lib/session.ts';
import { useIsNarrow } from '../lib/use-is-narrow.ts';
import { areas } from './areas.ts';
import { Settings } from './settings.tsx';
import { SignOut } from './sign-out.tsx';

export function Shell({ session }: { session: PageSession }) {
  const t = useTranslations();
  const [isOpen, { toggle, close }] = useDisclosure();
  const isNarrow = useIsNarrow();
  const burger = useRef<HTMLButtonElement>(null);
  const [location] = useLocation();
  const here = areas.find(({ path }) => path !== '/' && `${location}/`.startsWith(`${path}/`));
  const current = here?.name ?? (location === '/' ? 'overview' : undefined);
  const leave = () => {
    if (!isOpen) return;
    close();
    burger.current?.focus();
  };
  useHotkeys([['Escape', leave]], []);
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
              ref={burger}
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
          {!isNarrow && <Settings />}
        </Group>
      </AppShell.Header>
      {/* What lies out of sight must not take the focus. */}
      <AppShell.Navbar
        p="sm"
        aria-label={t('common.navigation')}
        {...(isNarrow && !isOpen && { style: { visibility: 'hidden' as const } })}
      >
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
        {isNarrow && (
          <AppShell.Section pb="sm">
            <Settings />
          </AppShell.Section>
        )}
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
