/**
 * Codes of errors that have one text together: what they tell apart, nobody at the console can mend by itself.
 *
 * @module
 */
import type { errors } from '../i18n/en/errors.ts';

export type ErrorFamily = keyof typeof errors.families;

/** How codes of a family begin, or are. The first that fits counts. */
const families: readonly (readonly [RegExp, ErrorFamily])[] = [
  [/^(batch|chip|generate|graph|plan|train)_|^(deadlock|mismatch|missing|shape)$/, 'inner'],
  [/^(hugging_face|llama2c|safetensors|tokenizer|decoder)_/, 'model_files'],
  [/^checkpoint_/, 'checkpoint'],
  [/^base_/, 'base'],
  [/^dataset_folder_/, 'dataset_folder'],
  [/^example_file_/, 'example_file'],
  [/^gguf_/, 'gguf'],
  [/^(extract|schema|equality)_/, 'answers'],
  [/^(labelling|teacher)_/, 'labelling'],
  [/^student_folder_/, 'student_folder'],
  [/^store_/, 'store'],
  [/^(body|headers|host|drawn|input|metrics|model|request|background|task|gateway)_/, 'request'],
];

/** Undefined for a code that belongs to none. */
export function errorFamily(code: string): ErrorFamily | undefined {
  return families.find(([codes]) => codes.test(code))?.[1];
}
