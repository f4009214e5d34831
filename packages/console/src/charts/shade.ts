/**
 * Colours by what they mean; the page gives them their values as custom properties (`--chart-student`, …).
 *
 * @module
 */

/** `first` to `fourth`: series that stand for none of the others. */
export type Shade =
  | 'student'
  | 'teacher'
  | 'wrong'
  | 'quiet'
  | 'train'
  | 'first'
  | 'second'
  | 'third'
  | 'fourth';

/** In the order in which series without a meaning of their own take them. */
export const shadesInOrder: readonly Shade[] = [
  'student',
  'first',
  'second',
  'teacher',
  'third',
  'fourth',
  'quiet',
];

export const fill = (shade: Shade) => `k-fill-${shade}`;
export const stroke = (shade: Shade) => `k-stroke-${shade}`;
