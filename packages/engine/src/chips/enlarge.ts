import type { TensorData, TypedArray } from '../graph/dtype.ts';

/**
 * Copies `from` into the corner of `to`, a tensor of the same rank and type in which no axis is shorter; what lies
 * beyond stays as it is.
 */
export function enlarge(from: TensorData, to: TensorData): void {
  const rank = from.dims.length;
  if (to.dims.length !== rank || from.dims.some((dim, axis) => dim > to.dims[axis]))
    throw new RangeError(`(${from.dims.join(', ')}) is no corner of (${to.dims.join(', ')})`);
  // Axes at the end that stay as they are make one piece with the last axis that grows.
  let axis = rank - 1;
  while (axis > 0 && from.dims[axis] === to.dims[axis]) axis--;
  const length = from.dims.slice(Math.max(axis, 0)).reduce((product, dim) => product * dim, 1);
  const stride = to.dims.slice(Math.max(axis, 0)).reduce((product, dim) => product * dim, 1);
  const outer = from.dims.slice(0, Math.max(axis, 0));
  const count = outer.reduce((product, dim) => product * dim, 1);
  for (let piece = 0; piece < count; piece++) {
    let place = 0;
    let scale = 1;
    let left = piece;
    for (let i = outer.length - 1; i >= 0; i--) {
      place += (left % outer[i]) * scale;
      scale *= to.dims[i];
      left = Math.floor(left / outer[i]);
    }
    copy(from.data, piece * length, length, to.data, place * stride);
  }
}

function copy(from: TypedArray, start: number, length: number, to: TypedArray, place: number): void {
  const size = from.BYTES_PER_ELEMENT;
  const bytes = (data: TypedArray, first: number) =>
    new Uint8Array(data.buffer, data.byteOffset + first * size, length * size);
  bytes(to, place).set(bytes(from, start));
}
