/**
 * The page: its providers, and who is let in.
 *
 * @module
 */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Router } from 'wouter';
import { ErrorBoundary } from './components/error-boundary.tsx';
import { LanguageProvider } from './i18n/language-provider.tsx';
import { Shell } from './layout/shell.tsx';
import { makeQueryClient } from './lib/query-client.ts';
import { useSession } from './lib/session.ts';
import { SignIn } from './sign-in/sign-in.tsx';
import { theme } from './theme.ts';

export function App({ nonce }: { nonce: string }) {
  const [client] = useState(makeQueryClient);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={client}>
        <LanguageProvider>
          <ErrorBoundary>
            <Notifications autoClose={8_000} />
            <Router base="/console">
              <Door />
            </Router>
          </ErrorBoundary>
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Nothing of the console is asked for, or loaded, before somebody is signed in. */
function Door() {
  const session = useSession();
  const { data } = session;
  if (typeof data === 'object') return <Shell session={data} />;
  // Until it is known, an empty page: it takes the time of one small answer.
  return session.isPending ? null : <SignIn fault={session.error} hasEnded={data === 'ended'} />;
}
