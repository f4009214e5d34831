/**
 * Waits for the code of a page, which is loaded when the page is first opened.
 *
 * @module
 */
import { ApiFault } from './api-fault.ts';

/** @throws ApiFault `unreachable`, or `page_renewed` where the gateway answers but has other code by now */
export async function loadCode<Code>(loading: Promise<Code>): Promise<Code> {
  try {
    return await loading;
  } catch (error) {
    throw new ApiFault(0, (await isReachable()) ? 'page_renewed' : 'unreachable', String(error));
  }
}

/** Whether the gateway answers. */
export function isReachable(): Promise<boolean> {
  return fetch('/healthz', { cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}
