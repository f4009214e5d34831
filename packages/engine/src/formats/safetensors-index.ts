import { repeatedKey } from './repeated-key.ts';
import { SafetensorsError } from './safetensors.ts';

/**
 * Which tensor is in which file, of the text of a `model.safetensors.index.json`. Files lie beside the index.
 *
 * @param file how the errors call it
 * @throws SafetensorsError when it is no such index, or names a file somewhere else
 */
export function parseSafetensorsIndex(text: string, file: string): { weightMap: Map<string, string> } {
  const refuse = (what: string): never => {
    throw new SafetensorsError(
      'safetensors_index',
      `${file}: ${what}; the index is damaged, fetch or make it again.`,
    );
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse('it is not JSON');
  }
  const { weight_map: map } = isObject(parsed) ? parsed : refuse('it is not a JSON object');
  if (!isObject(map)) return refuse('it has no weight_map');
  const twice = repeatedKey(text, 2);
  if (twice !== undefined) refuse(`it names ${twice} twice`);
  const weightMap = new Map<string, string>();
  for (const [tensor, name] of Object.entries(map)) {
    if (typeof name !== 'string' || !/^[^/\\\0]+\.safetensors$/.test(name))
      return refuse(`tensor ${tensor} is placed in ${JSON.stringify(name)}, which is no file beside it`);
    weightMap.set(tensor, name);
  }
  if (weightMap.size === 0) refuse('its weight_map is empty');
  return { weightMap };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
