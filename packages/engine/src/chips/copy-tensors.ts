import type { TensorData } from '../graph/dtype.ts';

/**
 * Copies of the tensors called `names`, for a chip to keep. Their memory is added to `memory`, for the message that
 * takes them there to move instead of copying once more.
 *
 * It is copied here because a message that copies would take a view's whole buffer along, and one that moves would
 * take it away from whoever made it.
 */
export function copyTensors(
  tensors: Readonly<Record<string, TensorData>>,
  names: readonly string[],
  memory: ArrayBuffer[],
): Record<string, TensorData> {
  const copies: Record<string, TensorData> = {};
  for (const name of names) {
    const { data, dims } = tensors[name];
    const copy = data.slice();
    memory.push(copy.buffer);
    copies[name] = { data: copy, dims };
  }
  return copies;
}
