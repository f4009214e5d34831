import type { Value } from '../graph/graph.ts';

/** The values that `targets` depend on, those included; what lies behind a value at which `stop` holds is left out. */
export function needed(targets: readonly Value[], stop: (value: Value) => boolean = () => false): Set<Value> {
  const found = new Set<Value>();
  const open = [...targets];
  for (let value = open.pop(); value; value = open.pop()) {
    if (found.has(value)) continue;
    found.add(value);
    if (value.call && !stop(value)) open.push(...value.call.inputs);
  }
  return found;
}
