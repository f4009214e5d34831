/**
 * The labels of a training that began before all of them were known: a list of fixed length, in which places are kept
 * for those still to come.
 *
 * @module
 */

/** Cannot be a label: answers have no white space at their ends. */
const empty = (place: number) => ` ${place}`;

export class LabelSlots {
  /** Labels, and names that stand for none; a name is replaced by a label when one comes. */
  readonly names: string[];
  readonly #known: Set<string>;

  /** @param spare places for labels that are not known */
  constructor(known: Iterable<string>, spare: number) {
    this.#known = new Set(known);
    this.names = [...this.#known, ...Array.from({ length: spare }, (_, i) => empty(i))];
  }

  /** Takes a label in; false where there is no place left for it. */
  take(label: string): boolean {
    if (this.#known.has(label)) return true;
    const place = this.#known.size;
    if (place >= this.names.length) return false;
    this.#known.add(label);
    this.names[place] = label;
    return true;
  }
}

/** Places kept where `known` labels have been seen: as many again as a quarter of them, and a few. */
export function spareFor(known: number): number {
  return 8 + Math.ceil(known / 4);
}
