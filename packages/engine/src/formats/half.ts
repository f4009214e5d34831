/**
 * The two kinds of floating-point numbers of 16 bits that weights are kept in, to and from float32.
 *
 * float16 (IEEE 754 binary16): 5 bits of exponent, 10 of fraction. bfloat16: the upper half of a float32.
 *
 * @module
 */

/** As safetensors calls them. */
export type HalfType = 'F16' | 'BF16';

/** The numbers as float32, which holds every one of them exactly. */
export function fromHalves(halves: Uint16Array, type: HalfType): Float32Array<ArrayBuffer> {
  // `from` with a function would step through an iterator, ten times slower: these are millions of numbers.
  const bits = new Uint32Array(halves.length);
  if (type === 'F16') for (let i = 0; i < bits.length; i++) bits[i] = widenedFloat16(halves[i]);
  else for (let i = 0; i < bits.length; i++) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

/**
 * The nearest numbers of 16 bits; of two equally near, the one whose last bit is 0 (IEEE 754 round to nearest, ties
 * to even). What is too large becomes infinite; what is not a number stays none.
 */
export function toHalves(values: Float32Array, type: HalfType): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  if (type === 'F16') for (let i = 0; i < bits.length; i++) halves[i] = narrowedToFloat16(bits[i]);
  else for (let i = 0; i < bits.length; i++) halves[i] = narrowedToBfloat16(bits[i]);
  return halves;
}

const infinity32 = 0x7f800000;

/** Bits of a float32 from those of a float16. */
function widenedFloat16(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return sign | infinity32 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Below 2^-14 float16 has no leading one; float32 has.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13);
}

/** Bits of a float16 from those of a float32. */
function narrowedToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > infinity32) return sign | 0x7e00;
  // 65,520, half-way between the largest float16 and what would be the next.
  if (size >= 0x477ff000) return sign | 0x7c00;
  // 2^-14 and above: the exponent's bias changes, and a carry out of the fraction raises the exponent as it should.
  if (size >= 0x38800000) return sign | (rounded(size, 13) - (112 << 10));
  // 2^-25 is half of the smallest float16 and rounds to even, which is zero.
  if (size <= 0x33000000) return sign;
  const fraction = (size & 0x7fffff) | 0x800000;
  return sign | rounded(fraction, 126 - (size >>> 23));
}

/** Bits of a bfloat16 from those of a float32. */
function narrowedToBfloat16(bits: number): number {
  const size = bits & 0x7fffffff;
  // A fraction that lies in the lower half only would be rounded to none, and that means infinite.
  if (size > infinity32) return ((bits >>> 16) & 0x8000) | 0x7fc0;
  return rounded(bits >>> 0, 16);
}

/** A whole number of 32 bits without its last `count` bits, rounded to nearest, ties to even. */
function rounded(value: number, count: number): number {
  const kept = value >>> count;
  const dropped = value & ((1 << count) - 1);
  const half = 1 << (count - 1);
  return dropped > half || (dropped === half && (kept & 1) === 1) ? kept + 1 : kept;
}
