import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Graph, GraphError, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { possibleCuts } from './possible-cuts.ts';
import { compileStages } from './stages.ts';

/** One block for each element: the parameters it uses, by number, and whether what it makes is used. */
interface Block {
  readonly parameters: readonly number[];
  readonly used: boolean;
}

function model(blocks: readonly Block[]): Value {
  const graph = new Graph();
  const parameters = Array.from({ length: 4 }, (_, i) =>
    graph.parameter(`p${i}`, [2], { kind: 'normal', deviation: 1 }),
  );
  let x = graph.input('x', 'float32', [2]);
  blocks.forEach(({ parameters: own, used }, b) => {
    graph.block(`block${b}`, () => {
      const y = own.reduce((sum, p) => mul(sum, parameters[p]), add(x, x));
      if (used) x = y;
    });
  });
  return graph.block('loss', () => reduceSum(x, [0]));
}

const blocks = fc.array(
  fc.record({ parameters: fc.array(fc.nat(3), { maxLength: 2 }), used: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
);

test('what is possible compiles in any combination, and a single cut that is not is refused', () => {
  fc.assert(
    fc.property(blocks, fc.nat(), (list, bits) => {
      const cuts = possibleCuts(model(list));
      const some = cuts.filter((_, i) => (bits >> i) & 1);
      expect(compileStages(model(list), some).length).toBe(some.length + 1);
      expect(compileStages(model(list), cuts).length).toBe(cuts.length + 1);
      const used = [...list.map((block) => block.used), true];
      for (let cut = 0; cut < list.length; cut++) {
        // Of several cuts between two used blocks, which all separate the same, one is offered.
        if (cuts.includes(cut) || !used[cut] || !used.slice(cut + 1).includes(true)) continue;
        expect(() => compileStages(model(list), [cut])).toThrow(GraphError);
      }
    }),
    { seed: 1 },
  );
});

test('a parameter that distant blocks share does not keep them together', () => {
  const block = (used: boolean, ...parameters: number[]) => ({ parameters, used });
  const blocks = [block(true, 0), block(true, 1), block(false, 1), block(true, 2), block(true, 1)];
  expect(possibleCuts(model(blocks))).toEqual([0, 1, 3, 4]);
});

test('a model of one block cannot be cut', () => {
  const graph = new Graph();
  expect(
    possibleCuts(
      graph.block('only', () => add(graph.input('x', 'float32', []), graph.input('y', 'float32', []))),
    ),
  ).toEqual([]);
});
