import { KolbenError } from '@kolben/engine';

/** A local teacher that cannot teach; the sentence says what is missing. */
export class LocalTeacherError extends KolbenError {}
