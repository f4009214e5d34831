/**
 * A JSON schema as a grammar: objects with fixed properties in their order, strings, numbers, booleans, null,
 * enumerations, arrays, nested, and a choice of several. Whatever else would restrict an answer is refused, since an
 * answer that must be valid cannot be held to what isn't understood.
 *
 * Source: JSON Schema, draft 2020-12 (and draft 7, where both say the same).
 *
 * @module
 */
import type { Grammar, GrammarProperty } from './grammar.ts';
import { bytesToEnd, digitsOf, numberStart } from './number-range.ts';
import { SchemaError } from './schema-error.ts';

type Json = Readonly<Record<string, unknown>>;

/** They say nothing about which values are valid. */
const annotations = new Set([
  ...['$schema', '$id', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples'],
  ...['deprecated', 'readOnly', 'writeOnly', 'format', 'contentEncoding', 'contentMediaType', '$anchor'],
]);

const keywordsOfType: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: [],
  null: [],
};

/** Schemas within schemas; more is taken for a schema that contains itself. */
const deepest = 32;

/** @throws SchemaError (`schema_unsupported`, `schema_invalid`, `schema_empty`) with the place in the schema. */
export function compileSchema(schema: unknown): Grammar {
  return compile(schema, '#', schema, 0);
}

function compile(schema: unknown, path: string, root: unknown, depth: number): Grammar {
  if (schema === true || schema === false || !isObject(schema))
    throw unsupported(
      path,
      schema === true ? 'permits anything' : 'is no schema that permits a value',
      'say what the value is',
    );
  if (depth > deepest)
    throw unsupported(path, 'contains itself, or is nested too deeply', 'write it out to a depth');
  const inner = (value: unknown, at: string) => compile(value, at, root, depth + 1);
  if (schema.$ref !== undefined) {
    only(schema, ['$ref'], path);
    return inner(resolved(schema.$ref, root, path), path);
  }
  if (schema.const !== undefined) {
    only(schema, ['const', 'type'], path);
    return literals([schema.const], schema.type, path);
  }
  if (schema.enum !== undefined) {
    only(schema, ['enum', 'type'], path);
    if (!Array.isArray(schema.enum)) throw invalid(path, '"enum" is no list');
    return literals(schema.enum, schema.type, path);
  }
  if (schema.anyOf !== undefined) {
    only(schema, ['anyOf'], path);
    if (!Array.isArray(schema.anyOf) || schema.anyOf.length === 0)
      throw invalid(path, '"anyOf" is no list of schemas');
    return choice(schema.anyOf.map((one, i) => inner(one, `${path}/anyOf/${i}`)));
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.map(String);
    only(schema, ['type', ...types.flatMap((type) => keywordsOfType[type] ?? [])], path);
    if (types.length === 0) throw invalid(path, '"type" is an empty list');
    return choice(types.map((type) => ofType(pick(schema, type), type, path, inner)));
  }
  if (typeof schema.type !== 'string') {
    const other = Object.keys(schema).find((key) => !annotations.has(key));
    throw unsupported(
      path,
      other === undefined ? 'permits anything' : `has "${other}" and no "type"`,
      'give "type", "enum", "const" or "anyOf"',
    );
  }
  only(schema, ['type', ...(keywordsOfType[schema.type] ?? [])], path);
  return ofType(schema, schema.type, path, inner);
}

type Inner = (schema: unknown, path: string) => Grammar;

function ofType(schema: Json, type: string, path: string, inner: Inner): Grammar {
  switch (type) {
    case 'null':
      return literal(null);
    case 'boolean':
      return choice([literal(true), literal(false)]);
    case 'string': {
      const { least, most } = bounds(schema, 'minLength', 'maxLength', path);
      return { kind: 'string', least, most };
    }
    case 'number':
    case 'integer':
      return numbers(schema, type === 'integer', path);
    case 'array': {
      const { least, most } = bounds(schema, 'minItems', 'maxItems', path);
      if (schema.items === undefined && most > 0)
        throw unsupported(path, 'is a list of anything', 'give "items"');
      const item = most === 0 ? literal(null) : inner(schema.items, `${path}/items`);
      return { kind: 'array', item, least, most };
    }
    case 'object':
      return { kind: 'object', properties: propertiesOf(schema, path, inner) };
    default:
      throw invalid(path, `there is no type ${JSON.stringify(type)}`);
  }
}

function propertiesOf(schema: Json, path: string, inner: Inner): GrammarProperty[] {
  const { properties = {}, required = [] } = schema;
  if (!isObject(properties)) throw invalid(path, '"properties" is no object');
  if (!Array.isArray(required)) throw invalid(path, '"required" is no list');
  const unknown = required.find((name) => !Object.hasOwn(properties, String(name)));
  if (unknown !== undefined)
    throw unsupported(
      path,
      `requires ${JSON.stringify(unknown)} without describing it`,
      'add it to "properties"',
    );
  return Object.entries(properties).map(([name, value]) => ({
    name,
    key: encode(`${JSON.stringify(name)}:`),
    value: inner(value, `${path}/properties/${name}`),
    required: required.includes(name),
  }));
}

function numbers(schema: Json, integer: boolean, path: string): Grammar {
  const { whole, scale } = digitsOf(integer);
  const limit = 10n ** BigInt(whole + scale) - 1n;
  const bound = (name: string, otherwise: bigint, up: boolean, exclusive: boolean) => {
    const value = schema[name];
    if (value === undefined) return otherwise;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(path, `"${name}" is no number`);
    const { floor, exact } = scaled(value, scale);
    if (up) return exact && !exclusive ? floor : floor + 1n;
    return exact && exclusive ? floor - 1n : floor;
  };
  const least = [bound('minimum', -limit, true, false), bound('exclusiveMinimum', -limit, true, true)];
  const greatest = [bound('maximum', limit, false, false), bound('exclusiveMaximum', limit, false, true)];
  const range = {
    integer,
    least: [...least, -limit].reduce((a, b) => (a > b ? a : b)),
    greatest: [...greatest, limit].reduce((a, b) => (a < b ? a : b)),
  };
  if (bytesToEnd(range, numberStart) === undefined)
    throw new SchemaError(
      'schema_empty',
      `The schema permits no number at ${path}; numbers have up to ${integer ? '15 digits' : '9 digits before and 6 behind the point'}, so widen the bounds.`,
    );
  return { kind: 'number', range };
}

/** A number times 10^scale, rounded down, and whether nothing was rounded; from its decimal digits. */
function scaled(value: number, scale: number): { floor: bigint; exact: boolean } {
  const [mantissa, exponent = '0'] = String(value).split('e');
  const [whole, decimals = ''] = mantissa.replace('-', '').split('.');
  const shift = Number(exponent) + scale - decimals.length;
  const digits = BigInt(whole + decimals);
  const unit = 10n ** BigInt(Math.abs(shift));
  const quotient = shift >= 0 ? digits * unit : digits / unit;
  const exact = shift >= 0 || quotient * unit === digits;
  if (value >= 0) return { floor: quotient, exact };
  return { floor: exact ? -quotient : -quotient - 1n, exact };
}

function bounds(schema: Json, leastName: string, mostName: string, path: string) {
  const read = (name: string, otherwise: number) => {
    const value = schema[name] ?? otherwise;
    if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && (value as number) >= 0))
      throw invalid(path, `"${name}" is no whole number of 0 or more`);
    return value as number;
  };
  const [least, most] = [read(leastName, 0), read(mostName, Number.POSITIVE_INFINITY)];
  if (least > most)
    throw new SchemaError(
      'schema_empty',
      `The schema permits nothing at ${path}: "${leastName}" is above "${mostName}".`,
    );
  return { least, most };
}

function literals(values: readonly unknown[], type: unknown, path: string): Grammar {
  const types = type === undefined ? undefined : [type].flat();
  const fitting = values.filter((value) => !types || types.some((name) => isOfType(value, name)));
  if (fitting.length === 0)
    throw new SchemaError(
      'schema_empty',
      `The schema permits nothing at ${path}: give values of the type that it names.`,
    );
  return choice(fitting.map(literal));
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function literal(value: unknown): Grammar {
  return { kind: 'bytes', bytes: encode(JSON.stringify(value)) };
}

function choice(of: readonly Grammar[]): Grammar {
  return of.length === 1 ? of[0] : { kind: 'choice', of };
}

function pick(schema: Json, type: string): Json {
  const keys = new Set(['type', ...(keywordsOfType[type] ?? [])]);
  return Object.fromEntries(Object.entries(schema).filter(([key]) => keys.has(key)));
}

function only(schema: Json, keys: readonly string[], path: string): void {
  const other = Object.keys(schema).find((key) => !keys.includes(key) && !annotations.has(key));
  if (other !== undefined)
    throw unsupported(
      path,
      `has ${JSON.stringify(other)}, which answers cannot be held to`,
      'write the schema without it',
    );
}

function resolved(ref: unknown, root: unknown, path: string): unknown {
  if (typeof ref !== 'string' || !(ref === '#' || ref.startsWith('#/')))
    throw unsupported(path, `refers to ${JSON.stringify(ref)}`, 'refer to a place of the same schema');
  let value = root;
  for (const part of ref.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    value = isObject(value) || Array.isArray(value) ? (value as Json)[key] : undefined;
  }
  if (value === undefined) throw invalid(path, `"$ref" names ${JSON.stringify(ref)}, which is not there`);
  return value;
}

function unsupported(path: string, what: string, instead: string): SchemaError {
  return new SchemaError('schema_unsupported', `The schema at ${path} ${what}; ${instead}.`);
}

function invalid(path: string, what: string): SchemaError {
  return new SchemaError('schema_invalid', `The schema at ${path} is wrong: ${what}.`);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const encode = (text: string) => new TextEncoder().encode(text);
