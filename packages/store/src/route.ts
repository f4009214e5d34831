/**
 * The four things the gateway can do with a task's calls, and who can have answered one.
 *
 * @module
 */

/** What the gateway does with a task's calls. */
export const routes = ['teacher', 'shadow', 'cascade', 'student'] as const;
export type Route = (typeof routes)[number];

/** Whose answer the client got. `cache`: a teacher's, given once more to the very same question. */
export const answerers = ['teacher', 'student', 'cache'] as const;
export type Answerer = (typeof answerers)[number];
