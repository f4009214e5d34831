/**
 * Which tokens a machine accepts in a state: the tokens' bytes as a tree, walked once for each state that is met.
 *
 * @module
 */
import { farthest, type Machine, type MachineState } from './machine.ts';

interface Node {
  readonly children: Map<number, Node>;
  /** Tokens that end here. */
  readonly tokens: number[];
}

/** A token that may follow leads to a state from which the value can be ended; -1 marks the others. */
export interface TokenCosts {
  /** For each token: bytes to the nearest end after it, or -1 if it may not follow. */
  of(state: MachineState): Int32Array;
  /** The state after a token that may follow. */
  after(state: MachineState, token: number): MachineState;
}

/** States whose tokens are remembered. */
const remembered = 4096;

/**
 * @param size tokens lie in [0, size)
 * @param bytesOf what a token stands for; undefined, nothing or more than 128 bytes: it never follows
 */
export function tokenCosts(
  machine: Machine,
  size: number,
  bytesOf: (token: number) => Uint8Array | undefined,
): TokenCosts {
  const root: Node = { children: new Map(), tokens: [] };
  for (let token = 0; token < size; token++) {
    const bytes = bytesOf(token);
    if (!bytes?.length || bytes.length > farthest) continue;
    let node = root;
    for (const byte of bytes) {
      const child = node.children.get(byte) ?? { children: new Map(), tokens: [] };
      node.children.set(byte, child);
      node = child;
    }
    node.tokens.push(token);
  }
  const known = new Map<string, Int32Array>();
  const walk = (node: Node, state: MachineState, costs: Int32Array) => {
    for (const token of node.tokens) costs[token] = state.cost;
    for (const [byte, child] of node.children) {
      const next = machine.next(state, byte);
      if (next) walk(child, next, costs);
    }
  };
  return {
    of(state) {
      const found = known.get(state.key);
      if (found) return found;
      const costs = new Int32Array(size).fill(-1);
      walk(root, state, costs);
      if (known.size >= remembered) known.clear();
      known.set(state.key, costs);
      return costs;
    },
    after(state, token) {
      return (bytesOf(token) ?? new Uint8Array()).reduce<MachineState>((before, byte) => {
        const next = machine.next(before, byte);
        if (!next) throw new RangeError(`Token ${token} cannot follow.`);
        return next;
      }, state);
    },
  };
}
