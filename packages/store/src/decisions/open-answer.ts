/**
 * The typed answer of a decision, as it is sealed.
 *
 * @module
 */
import type { Place, Seal } from '../seal/seal.ts';

export function placeOfAnswer(callId: string): Place {
  return { column: 'decisions.answer', row: callId };
}

/** Null where none was typed, or its words are deleted. */
export function openAnswer(seal: Seal, callId: string, sealed: Uint8Array | null): string | null {
  return sealed === null ? null : (JSON.parse(seal.open(sealed, placeOfAnswer(callId))) as string);
}
