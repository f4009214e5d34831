/**
 * Memory for activations, used again from microbatch to microbatch. Where extents are the same in every step, a
 * run reaches its peak in the first and allocates nothing after it; where they vary, it holds at most twice the
 * memory that was ever in use at once.
 *
 * @module
 */
import { bytesPerElement, type DType, type TypedArray, viewOf } from '../graph/dtype.ts';

/** A tensor may be given a free buffer of up to so many times its size: rather that than another buffer. */
const roomy = 4;

export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  #bytes = 0;
  #used = 0;
  #peak = 0;

  /** The memory that the pool holds, in use or not, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** An array of `length` elements, whatever they are. It is the caller's until `give`. */
  take(dtype: DType, length: number): TypedArray {
    const bytes = length * bytesPerElement[dtype];
    const buffer = this.#find(bytes) ?? this.#allocate(sizeClass(bytes));
    this.#used += buffer.byteLength;
    this.#peak = Math.max(this.#peak, this.#used);
    return viewOf(dtype, buffer, 0, length);
  }

  /** Takes back what `take` gave. */
  give(data: TypedArray): void {
    const buffer = data.buffer as ArrayBuffer;
    this.#used -= buffer.byteLength;
    const list = this.#free.get(buffer.byteLength);
    if (list) list.push(buffer);
    else this.#free.set(buffer.byteLength, [buffer]);
  }

  /** The smallest free buffer that fits. */
  #find(bytes: number): ArrayBuffer | undefined {
    const smallest = sizeClass(bytes);
    for (let size = smallest; size <= roomy * smallest; size = sizeClass(size + 1)) {
      const buffer = this.#free.get(size)?.pop();
      if (buffer) return buffer;
    }
    return undefined;
  }

  #allocate(size: number): ArrayBuffer {
    const most = 2 * Math.max(this.#peak, this.#used + size);
    for (const [free, buffers] of this.#free) {
      while (this.#bytes + size > most && buffers.pop()) this.#bytes -= free;
    }
    this.#bytes += size;
    return new ArrayBuffer(size);
  }
}

/** Eight sizes for each power of two: at most an eighth is wasted. */
export function sizeClass(bytes: number): number {
  const step = 2 ** Math.max(6, Math.floor(Math.log2(Math.max(bytes, 1))) - 3);
  return Math.max(step, Math.ceil(bytes / step) * step);
}
