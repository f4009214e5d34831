import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';
import { writeDecoder } from '../testing/write-decoder.ts';

let folder: ReturnType<typeof emptyFolder>;
const path = (...names: string[]) => join(folder.path, ...names);
const write = (name: string, text: string) => writeFileSync(path(name), text);
const run = (...args: string[]) => callKolben(args, { cwd: folder.path });

beforeAll(async () => {
  folder = emptyFolder();
  await writeDecoder(path('llama'));
  const orders = Array.from({ length: 80 }, (_, i) => ({
    text: `order ${i * 37 + 11}`,
    label: `{"n": ${i}}`,
  }));
  write('orders.jsonl', exampleFile(orders));
  write('labels.jsonl', exampleFile(makeTexts(80)));
  const properties = { n: { type: 'integer', minimum: 0, maximum: 99 } };
  const schema = { type: 'object', properties, required: ['n'], additionalProperties: false };
  write('schema.json', JSON.stringify({ json_schema: { schema } }));
  write(
    'same.mjs',
    'export default (teacher, student) => JSON.parse(teacher).n === JSON.parse(student).n;\n',
  );
});
afterAll(() => folder.remove());

const input = (content: string) => JSON.stringify({ messages: [{ role: 'user', content }] });
const config = (decoder: string) => `export default {
  providers: { own: { folder: '${decoder}', prices: { any: { inputPerMillion: 0, outputPerMillion: 0 } } } },
  tasks: { orders: { kind: 'generate', teacher: 'own/any' } },
};
`;
const json = (...names: string[]) => JSON.parse(readFileSync(path(...names), 'utf8'));

describe('a student on a base', () => {
  it('with adapters, a schema, an equality and a teacher’s distribution, by one command', async () => {
    const { code, stdout, stderr } = await run(
      ...[
        'distill',
        'orders.jsonl',
        '--out',
        'student',
        '--kind',
        'generate',
        '--base',
        'llama',
        '--lora',
        '2',
      ],
      ...['--schema', 'schema.json', '--equality', 'same.mjs', '--teacher-logits', 'llama'],
      ...['--time-budget', '0.001', '--chips', '1', '--json'],
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).task).toMatchObject({ kind: 'generate', schema: { required: ['n'] } });
    expect(json('student', 'kolben.json').lineage).toMatchObject({
      base: { id: 'llama', licence: null },
      recipe: {
        ...{ name: 'decoder-low-rank', adapters: { rank: 2, alpha: 4 } },
        distribution: { of: 'llama', known: 32 },
      },
      equality: { name: expect.stringMatching(/./), digest: expect.stringMatching(/^sha256:/) },
    });
    const answered = await run('answer', 'student', 'order 5', '--json');
    expect(JSON.parse(JSON.parse(answered.stdout).answer).n).toBeLessThan(100);
  });

  it('is a teacher of its own, run by the gateway: asked for labels, it keeps to its schema', async () => {
    write('kolben.config.ts', config('student'));
    write('inputs.jsonl', `${input('order 3')}\n${input('order 4')}\n`);
    const labelled = await run(
      'label',
      'inputs.jsonl',
      '--task',
      'orders',
      '--out',
      'answers.jsonl',
      '--json',
    );
    expect(labelled.code, labelled.stderr).toBe(0);
    const lines = readFileSync(path('answers.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const { messages, teacher } = JSON.parse(line);
      expect(teacher).toBe('own/any');
      expect(JSON.parse(messages.at(-1).content).n).toBeLessThan(100);
    }
    write('kolben.config.ts', config('nowhere'));
    const refused = await run('label', 'inputs.jsonl', '--task', 'orders', '--out', 'none.jsonl');
    expect(refused.code).toBe(1);
    expect(refused.stderr.trimEnd().split('\n').at(-1)).toContain('cannot be read, the system says ENOENT');
    rmSync(path('kolben.config.ts'));
  });

  it('learns from a server that tells its likeliest tokens', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      const top = { 'token_id:49': Math.log(0.5), 'token_id:50': Math.log(0.25), 'token_id:256': -9 };
      response.end(JSON.stringify({ choices: [{ logprobs: { top_logprobs: [top] } }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const common = ['distill', 'orders.jsonl', '--out', 'taught', '--kind', 'generate', '--chips', '1'];
    const address = `http://127.0.0.1:${port}/v1#big`;
    vi.stubEnv('KOLBEN_TEACHER_KEY', 'secret');
    const { code, stderr } = await run(
      ...[...common, '--time-budget', '0.001', '--base', 'llama', '--teacher-logits', address],
    );
    vi.unstubAllEnvs();
    server.close();
    // Connections that are kept for the next question would be answered still.
    server.closeAllConnections();
    expect(code, stderr).toBe(0);
    expect(json('taught', 'kolben.json').lineage.recipe.distribution).toMatchObject({ of: 'big' });
    expect(asked.length).toBeGreaterThan(100);
    expect(new Set(asked)).toEqual(new Set(['Bearer secret']));
    const silent = await run(...common.with(3, 'none'), '--base', 'llama', '--teacher-logits', address);
    expect(silent.stderr).toContain('does not answer');
  });

  it('is planned from the folder of a dataset as it would be trained', async () => {
    await run('dataset', 'orders.jsonl', '--kind', 'generate', '--out', 'orders');
    const planned = await run(
      ...['plan', 'orders', '--base', 'llama', '--same-bits', '--chips', '1', '--json'],
    );
    expect(planned.code, planned.stderr).toBe(0);
    const { choice } = JSON.parse(planned.stdout);
    expect(choice).toMatchObject({ schedule: 'sequential', microbatches: 4, fits: true });
    expect(choice.stages.flat()).toEqual(expect.arrayContaining(['embed', 'attention0', 'head0']));
  });

  const changed = (name: string, change: (at: string) => void) => () => {
    cpSync(path('llama'), path(name), { recursive: true });
    change(path(name));
  };
  it.each<[name: string, prepare: () => void, options: string[], message: string]>([
    ['nowhere', () => {}, ['--base', 'nowhere'], '"nowhere" is neither a folder nor the id of a model'],
    [
      'mute',
      changed('mute', (at) => rmSync(join(at, 'tokenizer.json'))),
      ['--base', 'mute'],
      'a decoder needs its tokenizer beside it',
    ],
    [
      'cut',
      changed('cut', (at) => truncateSync(join(at, 'model.safetensors'), 999)),
      ['--base', 'cut'],
      'model.safetensors',
    ],
    [
      'strange',
      changed('strange', (at) => writeFileSync(join(at, 'config.json'), '{"model_type":"mamba"}')),
      ['--base', 'strange'],
      'is of the type "mamba", on which no student of the kind generate stands',
    ],
    ['lora', () => {}, ['--lora', '4'], 'Adapters of low rank are trained beside a base'],
    ['rank', () => {}, ['--base', 'llama', '--lora', '0'], '--lora must be a whole number from 1'],
    ['schema', () => {}, ['--schema', 'none.json'], 'none.json cannot be read (ENOENT)'],
    ['equality', () => {}, ['--equality', 'alike'], '--equality alike is neither exact nor normalised'],
    [
      'far',
      () => {},
      ['--teacher-logits', 'https://example.com/v1'],
      'takes a server on this machine, not example.com',
    ],
    ['bare', () => {}, ['--teacher-logits', 'http://localhost:1/v1'], 'needs the tokenizer of its model'],
    ['stray', () => {}, ['--teacher-tokenizer', 'llama'], 'is for a --teacher-logits that is an address'],
    ['teacher', () => {}, ['--teacher-logits', 'nowhere'], 'cannot be read, the system says ENOENT'],
  ])('is refused in a sentence: %s', async (_, prepare, options, message) => {
    prepare();
    const { code, stdout, stderr } = await run(
      ...['distill', 'orders.jsonl', '--out', 'none', '--chips', '1', '--kind', 'generate', ...options],
    );
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n').at(-1)).toContain(message);
  });

  it.each([
    [['--base', 'llama'], 'is of the type "llama", on which no student of the kind classify stands'],
    [['--equality', 'exact'], 'An equality was given, and the answers are to classify'],
    [['--teacher-logits', 'llama'], 'A teacher of distributions was given, and the answers are to classify'],
    [['--schema', 'schema.json'], 'A schema was given, and the answers are to classify'],
  ])('what is for written answers is refused for labels: %j', async (options, message) => {
    const { code, stderr } = await run('distill', 'labels.jsonl', '--out', 'none', ...options);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
