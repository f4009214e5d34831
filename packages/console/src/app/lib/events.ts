/**
 * A stream of events of the console's API that comes to its end.
 *
 * @module
 */

/** @param path under `/console/api/` */
export function openEvents(path: string): EventSource {
  return new EventSource(`/console/api/${path}`);
}
