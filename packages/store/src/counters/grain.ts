/**
 * What a row of counters is about.
 *
 * @module
 */

/** All calls of a month, those of a task, of a key, of who answered a task; or what a key used in a minute. */
export type Grain = 'total' | 'task' | 'key' | 'answerer' | 'minute';
