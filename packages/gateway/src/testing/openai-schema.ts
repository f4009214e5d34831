/**
 * OpenAI's own description of its API, as a judge of what goes over the wire: `openai_api` in the folder that
 * `KOLBEN_TEST_DATA` names. It is JSON Schema of 2020-12 (OpenAPI 3.1), which ajv reads as it is.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isObject } from '../json.ts';

const file = join(process.env.KOLBEN_TEST_DATA ?? '', 'openai_api', 'openapi.json');
const present = process.env.KOLBEN_TEST_DATA !== undefined && existsSync(file);

/** Is it missing where a run may do without it? Then what needs it is skipped. */
export const withoutOpenaiSchema = !present && process.env.KOLBEN_TEST_REQUIRE !== '1';

let judge: Ajv2020 | undefined;
const validators = new Map<string, ValidateFunction>();

/** OpenAPI 3.0's word for "or null" in the file: JSON Schema has no such word, and ajv's own wants null in the enum too. */
function orNull(_key: string, value: unknown): unknown {
  if (!isObject(value) || value.nullable !== true) return value;
  const { nullable: _nullable, ...schema } = value;
  return { anyOf: [schema, { type: 'null' }] };
}

/** What is wrong with a value by the schema of this name under `components`; empty: nothing. */
export function faultsBy(schema: string, value: unknown): string[] {
  if (!judge) {
    // Keywords of OpenAPI's own (discriminator, example) and formats of numbers judge nothing.
    judge = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    judge.addSchema(JSON.parse(readFileSync(file, 'utf8'), orNull) as object, 'openai');
  }
  let validate = validators.get(schema);
  if (!validate) {
    validate = judge.compile({ $ref: `openai#/components/schemas/${schema}` });
    validators.set(schema, validate);
  }
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
