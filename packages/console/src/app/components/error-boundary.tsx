/**
 * Keeps a mistake of one page from taking the others along.
 *
 * @module
 */
import { Component, type ReactNode, useEffect } from 'react';
import { ApiFault } from '../lib/api-fault.ts';
import { isReachable } from '../lib/load-code.ts';
import { ErrorNotice } from './error-notice.tsx';

interface Props {
  children: ReactNode;
}

export class ErrorBoundary extends Component<Props, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    if (error instanceof ApiFault && error.code === 'unreachable') return <Unreachable error={error} />;
    // A page's code that can't be loaded is gone from a gateway that was renewed: only loading all anew helps.
    return <ErrorNotice error={error} onRetry={() => window.location.reload()} />;
  }
}

const lookMs = 2_000;

/** Code that could not be loaded isn't asked for again by itself: all is loaded anew as soon as the gateway answers. */
function Unreachable({ error }: { error: ApiFault }) {
  const look = async () => {
    if (await isReachable()) window.location.reload();
  };
  useEffect(() => {
    const clock = window.setInterval(look, lookMs);
    return () => window.clearInterval(clock);
  });
  return <ErrorNotice error={error} onRetry={() => void look()} />;
}
