import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { ResponseAssembler } from './assemble-response.ts';

function assemble(events: JsonObject[]): ResponseAssembler {
  const assembler = new ResponseAssembler();
  for (const event of events) assembler.hear(event);
  return assembler;
}

test('pieces of an unfinished response: texts, reasoning, arguments, each in its place', () => {
  const at = (type: string, output_index: number, delta: string, more = {}) => ({
    ...{ type: `response.${type}.delta`, output_index, delta, ...more },
  });
  const assembler = assemble([
    { type: 'response.created', response: { id: 'r', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', summary: [] } },
    at('reasoning_summary_text', 0, 'Hm', { summary_index: 0 }),
    at('reasoning_summary_text', 0, 'm', { summary_index: 0 }),
    { type: 'response.output_item.added', output_index: 1, item: { type: 'function_call', arguments: '' } },
    at('function_call_arguments', 1, '{"x"'),
    at('function_call_arguments', 1, ':1}'),
    at('output_text', 2, 'a', { content_index: 1 }),
  ]);
  expect(assembler.isFinished).toBe(false);
  expect(assembler.answer()).toEqual({
    object: 'response',
    id: 'r',
    output: [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hmm' }] },
      { type: 'function_call', arguments: '{"x":1}' },
      {
        content: [
          { type: 'output_text', text: '' },
          { type: 'output_text', text: 'a' },
        ],
      },
    ],
  });
});

test('nothing came, nothing is made up; an error is told', () => {
  expect(new ResponseAssembler().answer()).toBeNull();
  const assembler = new ResponseAssembler();
  expect(assembler.hear({ type: 'error', message: 'no', code: 'x' }).error).toBe('no');
  expect(assembler.hear({ type: 'error', error: { message: 'nested' } }).error).toBe('nested');
});

test('whatever comes, it neither throws nor grows without bound', () => {
  const odd = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null), fc.constant(1e9));
  const event = fc.record(
    {
      type: fc.constantFrom(
        ...['response.output_text.delta', 'response.output_item.added', 'response.output_item.done'],
        ...['response.completed', 'response.created', 'response.function_call_arguments.delta', 'error'],
      ),
      output_index: fc.oneof(fc.nat({ max: 3 }), odd),
      content_index: fc.oneof(fc.nat({ max: 3 }), odd),
      delta: fc.oneof(fc.string(), odd),
      item: fc.oneof(fc.jsonValue(), fc.constant({ content: 'odd' }), fc.constant({ content: [1] })),
      response: fc.jsonValue(),
    },
    { requiredKeys: ['type'] },
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const answer = assemble(structuredClone(events)).answer();
      expect(JSON.stringify(answer).length).toBeLessThan(2_000_000);
    }),
  );
});
