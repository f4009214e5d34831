export { KolbenError } from './error.ts';
