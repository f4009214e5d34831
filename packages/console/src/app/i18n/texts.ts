/**
 * The shape of a catalogue: the other languages have the very keys of the English one.
 *
 * @module
 */

/** The same keys, whatever the texts say. */
export type Texts<Catalogue> = {
  [Key in keyof Catalogue]: Catalogue[Key] extends string ? string : Texts<Catalogue[Key]>;
};
