/**
 * One way to write a JSON value of a schema: without spaces, properties in the schema's order. So equal values are
 * equal texts, and a student learns one way to say a thing.
 *
 * @module
 */

type Json = Readonly<Record<string, unknown>>;

/**
 * The text of a JSON value in that form; undefined if it is not JSON. Properties that the schema doesn't name come last,
 * in code unit order.
 */
export function arrangedJson(text: string, schema: unknown): string | undefined {
  try {
    return JSON.stringify(arranged(JSON.parse(text), schema, schema));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function arranged(value: unknown, schema: unknown, root: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const shapes = shapesIn(schema, root);
  if (Array.isArray(value)) {
    const items = shapes.find((shape) => shape.items !== undefined)?.items;
    return value.map((item) => arranged(item, items, root));
  }
  const given = value as Json;
  // Of several possible objects, that whose properties are all there fits best.
  const fitting = shapes.filter((shape) => isObject(shape.properties));
  const best =
    fitting.find(({ properties }) => sameKeys(properties as Json, given)) ??
    fitting.find(({ properties }) => Object.keys(given).every((key) => key in (properties as Json))) ??
    fitting[0];
  const properties = (best?.properties ?? {}) as Json;
  const known = Object.keys(properties).filter((key) => Object.hasOwn(given, key));
  const others = Object.keys(given)
    .filter((key) => !known.includes(key))
    .sort();
  return Object.fromEntries(
    [...known, ...others].map((key) => [key, arranged(given[key], properties[key], root)]),
  );
}

function shapesIn(schema: unknown, root: unknown, depth = 0): Json[] {
  if (!isObject(schema) || depth > 32) return [];
  if (typeof schema.$ref === 'string') return shapesIn(referred(schema.$ref, root), root, depth + 1);
  if (Array.isArray(schema.anyOf)) return schema.anyOf.flatMap((one) => shapesIn(one, root, depth + 1));
  return [schema];
}

function referred(ref: string, root: unknown): unknown {
  return ref
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (value, part) =>
        (value as Json | undefined)?.[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')],
      root,
    );
}

const sameKeys = (a: Json, b: Json) =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => Object.hasOwn(b, key));

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
