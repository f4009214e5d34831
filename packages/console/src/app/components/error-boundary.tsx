/**
 * Keeps a mistake of one page from taking the others along.
 *
 * @module
 */
import { Component, type ReactNode } from 'react';
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
    // A page's code that can't be loaded is gone from a gateway that was renewed: only loading all anew helps.
    return error === undefined ? (
      this.props.children
    ) : (
      <ErrorNotice error={error} onRetry={() => window.location.reload()} />
    );
  }
}
