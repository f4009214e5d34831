/**
 * How an example came to be labelled, as it stands in its line: picked for what it teaches, or by lot.
 *
 * What was picked is no random sample of the calls to come. It may be learnt from, but a certificate that stood on it
 * would say nothing (decision 0125).
 *
 * @module
 */

import type { CallDrawn, Drawn } from '@kolben/store';

/** The key in an example's line, and in what the store tells of a call. */
export const DRAWN = 'drawn';
/** Picked by `chooseInputs`: never in any split but train. */
export const CHOSEN = 'chosen' satisfies Drawn;
/** By lot: dealt out like any other example. */
export const RANDOM = 'random' satisfies Drawn;
/**
 * A call that the student left to the teacher, and that the lot did not fall on: harder than the calls to come. It is
 * taught, unless it hangs together with something that judges (decision 0231).
 */
export const ESCALATED = 'escalated' satisfies CallDrawn;
