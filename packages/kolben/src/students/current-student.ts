/**
 * The student that would answer a task, as the gateway finds it.
 *
 * @module
 */
export { type CurrentStudent, currentStudent } from '@kolben/gateway/tasks';
