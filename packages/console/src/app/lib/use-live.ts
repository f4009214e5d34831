/**
 * What is true now, told by the server as it changes.
 *
 * @module
 */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { signOutHere } from './query-client.ts';

export interface Live<State> {
  /** Undefined until the first event. */
  state: State | undefined;
  /** False while the connection is being made again: what is shown may be old. */
  isConnected: boolean;
}

/**
 * Listens to an endpoint of server-sent events (`live` of the server), as long as somebody can see the page.
 *
 * @param path `/console/api/…/live`; null listens to nothing
 */
export function useLive<State>(path: string | null): Live<State> {
  const client = useQueryClient();
  const [live, setLive] = useState<Live<State> & { path: string | null }>({
    path,
    state: undefined,
    isConnected: false,
  });
  useEffect(() => {
    if (path === null) return;
    let source: EventSource | undefined;
    let retry: number | undefined;
    let isOver = false;
    const close = () => {
      window.clearTimeout(retry);
      source?.close();
      source = undefined;
    };
    const open = () => {
      if (source !== undefined || isOver || document.hidden) return;
      const opened = new EventSource(path);
      source = opened;
      opened.addEventListener('state', ({ data }) =>
        setLive({ path, state: JSON.parse(data), isConnected: true }),
      );
      opened.addEventListener('over', () => {
        isOver = true;
        close();
        signOutHere(client, 'ended');
      });
      opened.addEventListener('error', () => {
        setLive((before) => ({ ...before, isConnected: false }));
        // A browser gives up after an answer that is an error; a gateway that is restarted is worth another try.
        if (opened.readyState !== EventSource.CLOSED) return;
        close();
        retry = window.setTimeout(open, 3_000);
      });
    };
    // A browser has six connections to a gateway for all its tabs: those that nobody looks at keep none.
    const onVisibility = () => (document.hidden ? close() : open());
    document.addEventListener('visibilitychange', onVisibility);
    open();
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', onVisibility);
      close();
    };
  }, [path, client]);
  return live.path === path ? live : { state: undefined, isConnected: false };
}
