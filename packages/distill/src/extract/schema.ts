/**
 * JSON Schemas of answers: checked, asked, and inferred from answers.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type * as ajv from 'ajv/dist/2020.js';
import { ExtractError } from './extract-error.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from './json.ts';

const load = createRequire(import.meta.url);

/** What is wrong with a value, in words. */
export interface SchemaProblem {
  /** As `order.items[].name`; empty for the value itself. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Undefined for a value that keeps to the schema. */
export type SchemaCheck = (value: Json) => SchemaProblem | undefined;

/**
 * Formats such as `date` are not checked, and keywords that JSON Schema doesn't know say nothing.
 *
 * @throws ExtractError (`extract_schema`) for what is no schema
 */
export function schemaCheck(schema: JsonObject): SchemaCheck {
  // The dialect that a schema names may be one whose description isn't at hand; what answers need is the same in all.
  const { $schema: _, $id: __, ...plain } = schema;
  // Loaded when there is a schema: it is a hundred files, and a classifier needs none of them.
  const { Ajv2020 }: typeof ajv = load('ajv/dist/2020.js');
  const validator = new Ajv2020({
    strict: false,
    validateFormats: false,
    ownProperties: true,
    logger: false,
  });
  let validate: ReturnType<typeof validator.compile>;
  try {
    validate = validator.compile(plain);
  } catch (error) {
    throw new ExtractError(
      'extract_schema',
      `The schema cannot be used: ${(error as Error).message}. Give a JSON Schema that refers to nothing outside of itself.`,
      { cause: error },
    );
  }
  return (value) => {
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    const pointer = error?.instancePath ?? '';
    const at = valueAt(value, pointer);
    return {
      path: pathOf(value, pointer),
      expected: expectedBy(error?.keyword ?? '', error?.params ?? {}, error?.message ?? 'something else'),
      found: at === undefined ? 'nothing' : shorten(canonicalJson(at)),
    };
  };
}

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

function steps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(value: Json, pointer: string): Json | undefined {
  return steps(pointer).reduce<Json | undefined>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)] as Json;
    return isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, value);
}

function pathOf(value: Json, pointer: string): string {
  let path = '';
  let at: Json | undefined = value;
  for (const step of steps(pointer)) {
    const array = Array.isArray(at);
    path = array ? `${path}[]` : path === '' ? step : `${path}.${step}`;
    at = array ? (at as readonly Json[])[Number(step)] : isJsonObject(at) ? at[step] : undefined;
  }
  return path;
}

function expectedBy(keyword: string, params: Readonly<Record<string, unknown>>, message: string): string {
  if (keyword === 'required') return `the key ${JSON.stringify(params.missingProperty)}`;
  if (keyword === 'additionalProperties') return `no key ${JSON.stringify(params.additionalProperty)}`;
  if (keyword === 'type') return [params.type].flat().join(' or ');
  if (keyword === 'enum') return `one of ${shorten(canonicalJson(params.allowedValues as Json))}`;
  if (keyword === 'const') return canonicalJson(params.allowedValue as Json);
  return message.replace(/^must /, 'what must ');
}

/** Whether the schema says that values at the path are of a closed list. */
export function isEnumAt(schema: JsonObject, path: string): boolean {
  const keys = path === '' ? [] : path.replaceAll('[]', '.[]').split('.');
  const walk = (at: Json | undefined, left: readonly string[], depth: number): boolean => {
    if (!isJsonObject(at) || depth > 50) return false;
    const { $ref } = at;
    if (typeof $ref === 'string' && $ref.startsWith('#'))
      return walk(valueAt(schema, $ref.slice(1)), left, depth + 1);
    const [step, ...rest] = left;
    const inside = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => (at[key] as readonly Json[]) ?? []);
    if (inside.some((one) => walk(one, left, depth + 1))) return true;
    if (step === undefined) return Array.isArray(at.enum) || at.type === 'boolean';
    if (step === '[]') return walk(at.items, rest, depth + 1);
    return isJsonObject(at.properties) && walk(at.properties[step], rest, depth + 1);
  };
  return walk(schema, keys, 0);
}

/**
 * The narrowest schema of types and keys that all values keep to.
 *
 * @param isChoice whether the values at a path are a closed list
 */
export function inferSchema(values: readonly Json[], isChoice: (path: string) => boolean): JsonObject {
  return infer(values, '', isChoice);
}

function infer(values: readonly Json[], path: string, isChoice: (path: string) => boolean): JsonObject {
  if (isChoice(path) && values.length > 0) {
    const distinct = new Map(values.map((value) => [canonicalJson(value), value]));
    return { enum: [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value) };
  }
  const types = [...new Set(values.map(typeOf))].sort();
  // Whole numbers are numbers, where there are others.
  const named = types.includes('number') ? types.filter((type) => type !== 'integer') : types;
  const schema: Record<string, Json> =
    named.length === 0 ? {} : { type: named.length === 1 ? named[0] : named };
  const objects = values.filter(isJsonObject);
  if (objects.length > 0) {
    const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))].sort();
    schema.properties = Object.fromEntries(
      keys.map((key) => [
        key,
        infer(
          objects.flatMap((object) => (Object.hasOwn(object, key) ? [object[key]] : [])),
          path === '' ? key : `${path}.${key}`,
          isChoice,
        ),
      ]),
    );
    schema.required = keys.filter((key) => objects.every((object) => Object.hasOwn(object, key)));
    schema.additionalProperties = false;
  }
  const arrays = values.filter((value): value is readonly Json[] => Array.isArray(value));
  if (arrays.length > 0) schema.items = infer(arrays.flat() as Json[], `${path}[]`, isChoice);
  return schema;
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
