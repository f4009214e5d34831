/**
 * Shapes with symbolic dimensions: a number is an extent that is known, a string one that is bound when a
 * program runs ("B", "T"), or a product of such ("B*T").
 *
 * @module
 */
/** An extent: a number, or a symbol that is bound when a program runs. */
export type Dim = number | string;
/** The extents of a tensor by axis; none for a single number. */
export type Shape = readonly Dim[];

/** What an op's shape rule throws; `apply` adds the op, its place in the model, and the shapes. */
export class ShapeMismatch extends Error {}

/** The product of dimensions in a canonical form: `dimProduct(['T', 'B', 2])` is `"2*B*T"`. */
export function dimProduct(dims: Shape): Dim {
  let coefficient = 1;
  const symbols: string[] = [];
  for (const dim of dims) {
    if (typeof dim === 'number') coefficient *= dim;
    else {
      for (const factor of dim.split('*')) {
        if (/^\d+$/.test(factor)) coefficient *= Number(factor);
        else symbols.push(factor);
      }
    }
  }
  if (symbols.length === 0) return coefficient;
  symbols.sort();
  return (coefficient === 1 ? symbols : [String(coefficient), ...symbols]).join('*');
}

/** The extent of a dimension under the bindings of its symbols. Throws a RangeError for an unbound symbol. */
export function evaluateDim(dim: Dim, bindings: Readonly<Record<string, number>>): number {
  if (typeof dim === 'number') return dim;
  let product = 1;
  for (const factor of dim.split('*')) {
    const bound = /^\d+$/.test(factor) ? Number(factor) : bindings[factor];
    if (bound === undefined) throw new RangeError(`the dimension "${factor}" is not bound`);
    product *= bound;
  }
  return product;
}

/** The shape of an element-wise operation on both, by the usual rule: aligned at the right, 1 stretches. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new ShapeMismatch(`${x} and ${y} do not go together`);
    result.push(x === 1 ? y : x);
  }
  return result;
}

/** Resolves a negative axis and refuses one that the shape doesn't have. */
export function resolveAxis(shape: Shape, axis: number): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(resolved) || resolved < 0 || resolved >= shape.length)
    throw new ShapeMismatch(`there is no axis ${axis}`);
  return resolved;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

export function formatShape(shape: Shape): string {
  return `(${shape.join(', ')})`;
}
