/**
 * The student that would answer a task, as the gateway finds it.
 *
 * @module
 */
export { currentStudent } from '@kolben/gateway/tasks';
