/**
 * Memory for activations, used again from microbatch to microbatch: a run reaches its peak in the first step
 * and allocates nothing after it.
 *
 * @module
 */
import { bytesPerElement, type DType, type TypedArray, viewOf } from '../graph/dtype.ts';

export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  #bytes = 0;

  /** All memory that the pool has ever asked for, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  take(dtype: DType, length: number): TypedArray {
    const bytes = length * bytesPerElement[dtype];
    const size = sizeClass(bytes);
    let buffer = this.#free.get(size)?.pop();
    if (!buffer) {
      buffer = new ArrayBuffer(size);
      this.#bytes += size;
    }
    return viewOf(dtype, buffer, 0, length);
  }

  give(data: TypedArray): void {
    const buffer = data.buffer as ArrayBuffer;
    const list = this.#free.get(buffer.byteLength);
    if (list) list.push(buffer);
    else this.#free.set(buffer.byteLength, [buffer]);
  }
}

/** Eight sizes for each power of two: at most an eighth is wasted. */
function sizeClass(bytes: number): number {
  const step = 2 ** Math.max(6, Math.floor(Math.log2(Math.max(bytes, 1))) - 3);
  return Math.max(step, Math.ceil(bytes / step) * step);
}
