import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Example } from '@kolben/store';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExampleFileError } from './example-file-error.ts';
import { inputText } from './input-text.ts';
import { LINE_BYTES, type ReadExamplesOptions, readExamples } from './read-examples.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-examples-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function written(content: string | Uint8Array): Promise<string> {
  const file = join(folder, `${files++}.jsonl`);
  await writeFile(file, content);
  return file;
}

async function collect(file: string, options?: ReadExamplesOptions): Promise<Example[]> {
  const examples: Example[] = [];
  for await (const example of readExamples(file, options)) examples.push(example);
  return examples;
}

/** The error that reading ends with. */
async function failure(file: string, options?: ReadExamplesOptions): Promise<ExampleFileError> {
  const error = await collect(file, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ExampleFileError);
  const failed = error as ExampleFileError;
  // One sentence, naming the file.
  expect(failed.message.startsWith(file)).toBe(true);
  expect(failed.message.slice(file.length)).toMatch(/^[^\n]*[^.]\.$/);
  return failed;
}

const line = (question: string, answer: string) =>
  JSON.stringify({
    messages: [
      { role: 'system', content: 'Answer spam or ham.' },
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  });

describe('readExamples', () => {
  it('reads the chat format, with optional and extra keys', async () => {
    const file = await written(
      [
        line('Buy now', 'spam'),
        JSON.stringify({
          id: 7,
          conversation: 'c1',
          at: '2026-11-23T16:08:00Z',
          source: { queue: 'mail' },
          messages: [
            {
              role: 'user',
              content: [
                { type: 'text', text: 'a' },
                { type: 'text', text: 'b' },
              ],
            },
            { role: 'assistant', content: 'ham', refusal: null },
          ],
        }),
        JSON.stringify({ at: 1_700_000_000, messages: [{ role: 'user', content: 'no answer yet' }] }),
      ].join('\n'),
    );
    expect(await collect(file)).toEqual([
      {
        messages: [
          { role: 'system', content: 'Answer spam or ham.' },
          { role: 'user', content: 'Buy now' },
        ],
        answer: 'spam',
        extra: {},
      },
      {
        id: '7',
        conversation: 'c1',
        at: new Date('2026-11-23T16:08:00Z'),
        messages: [{ role: 'user', content: 'a\nb' }],
        answer: 'ham',
        extra: { source: { queue: 'mail' } },
      },
      {
        at: new Date('2023-11-14T22:13:20Z'),
        messages: [{ role: 'user', content: 'no answer yet' }],
        answer: undefined,
        extra: {},
      },
    ]);
  });

  it('takes the last assistant message as the answer, and none where the line says so', async () => {
    const messages = [
      { role: 'user', content: 'Where is my card?' },
      { role: 'assistant', content: 'Which card?' },
      { role: 'user', content: 'The blue one' },
    ];
    const answered = [...messages, { role: 'assistant', content: 'card_arrival' }];
    const file = await written(
      [
        { messages: answered },
        { messages, unlabelled: true },
        { messages: answered, unlabelled: false },
        { messages: [...answered, { role: 'user', content: 'Thanks' }] },
        { messages: [{ role: 'assistant', content: null, tool_calls: [{}] }, ...answered] },
      ]
        .map((value) => JSON.stringify(value))
        .join('\n'),
    );
    const examples = await collect(file);
    expect(examples.map((example) => example.answer)).toEqual([
      'card_arrival',
      undefined,
      'card_arrival',
      'card_arrival',
      'card_arrival',
    ]);
    expect(examples.map((example) => example.messages.length)).toEqual([3, 3, 3, 3, 4]);
    expect(inputText(examples[0]!.messages)).toBe('Where is my card?\nWhich card?\nThe blue one');
  });

  it('tolerates a byte order mark, CRLF and blank lines, and counts lines all the same', async () => {
    const good = `\ufeff${line('a', 'spam')}\r\n\r\n${line('b', 'ham')}\r\n  \n\n`;
    expect((await collect(await written(good))).map((example) => example.answer)).toEqual(['spam', 'ham']);
    const { line: at } = await failure(await written(`${good}oops`));
    expect(at).toBe(6);
  });

  it('gives back whatever text was written, however the chunks fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.string({ unit: 'grapheme', maxLength: 2000, size: 'max' }),
            fc.string({ unit: 'grapheme', minLength: 1 }),
          ),
          {
            minLength: 1,
            maxLength: 300,
            size: 'max',
          },
        ),
        async (pairs) => {
          const usable = pairs.filter(([, answer]) => answer.trim() !== '');
          fc.pre(usable.length > 0);
          const file = await written(usable.map(([question, answer]) => line(question, answer)).join('\n'));
          const examples = await collect(file);
          expect(examples.map((example) => [inputText(example.messages), example.answer])).toEqual(usable);
        },
      ),
      { seed: 1, numRuns: 15 },
    );
  });

  it('does not hold the file in memory', async () => {
    const question = 'x'.repeat(1000);
    const lines = Array.from({ length: 5000 }, (_, i) => line(`${i} ${question}`, 'ham')).join('\n');
    const file = await written(`${lines}\n{`);
    const seen: number[] = [];
    await expect(async () => {
      for await (const example of readExamples(file)) seen.push(example.messages.length);
    }).rejects.toMatchObject({ code: 'example_file_json', line: 5001 });
    // A reader of the whole file would have met the broken last line before passing on the first.
    expect(seen).toHaveLength(5000);
  });

  it('lets go of the file when the reader stops early', async () => {
    const file = await written(`${line('a', 'spam')}\n`.repeat(20_000));
    for (let i = 0; i < 50; i++) {
      for await (const example of readExamples(file)) {
        expect(example.answer).toBe('spam');
        break;
      }
    }
  });
});

describe('readExamples, on what is wrong, names file, line and remedy', () => {
  const good = line('hello', 'ham');

  it('a file that does not exist', async () => {
    const error = await failure(join(folder, 'nowhere.jsonl'));
    expect(error).toMatchObject({ code: 'example_file_missing', line: undefined });
    expect(error.message).toContain('no such file');
    expect(await failure(join(await written(good), 'below-a-file.jsonl'))).toMatchObject({
      code: 'example_file_missing',
    });
  });

  it('a folder', async () => {
    const inner = join(folder, 'inner');
    await mkdir(inner);
    expect(await failure(inner)).toMatchObject({ code: 'example_file_directory' });
  });

  it.skipIf(process.platform !== 'linux')('a file that refuses to be read', async () => {
    // The first page of a process is never mapped, so the kernel answers with an input/output error.
    const error = await failure('/proc/self/mem');
    expect(error).toMatchObject({ code: 'example_file_unreadable' });
    expect(error.message).toContain('EIO');
  });

  it('an empty file, and one of blank lines', async () => {
    expect(await failure(await written(''))).toMatchObject({ code: 'example_file_empty' });
    expect(await failure(await written('\ufeff\n\r\n  \n'))).toMatchObject({ code: 'example_file_empty' });
  });

  it('no JSON at line 4711', async () => {
    const secret = 'Dear Ms Miller, your PIN is';
    const file = await written(`${`${good}\n`.repeat(4710)}${secret}\n${good}\n`);
    const error = await failure(file);
    expect(error).toMatchObject({ code: 'example_file_json', line: 4711, file });
    expect(error.message).toContain('line 4711');
    // Neither the message nor its cause repeats what the file says.
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('Miller');
  });

  it('a pretty-printed list', async () => {
    const error = await failure(await written(JSON.stringify([{ messages: [] }], null, 2)));
    expect(error).toMatchObject({ code: 'example_file_json', line: 1 });
    expect(error.message).toContain('single line');
    expect(await failure(await written('[]\n'))).toMatchObject({ code: 'example_file_json', line: 1 });
  });

  it.each([
    ['no messages', { prompt: 'a', completion: 'b' }, 'example_file_messages', '"messages"'],
    ['empty messages', { messages: [] }, 'example_file_messages', '"messages"'],
    ['a message that is text', { messages: ['hello'] }, 'example_file_messages', 'message 1 is text'],
    ['an unknown role', { messages: [{ role: 'bot', content: 'a' }] }, 'example_file_role', 'message 1'],
    ['no role', { messages: [{ content: 'a' }] }, 'example_file_role', '"assistant"'],
    ['no content', { messages: [{ role: 'user' }] }, 'example_file_content', 'message 1 is missing'],
    ['a number as content', { messages: [{ role: 'user', content: 5 }] }, 'example_file_content', 'a number'],
    [
      'an image',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'example_file_content',
      'not text',
    ],
    [
      'nothing but instructions',
      {
        messages: [
          { role: 'system', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      },
      'example_file_input',
      'user message',
    ],
    [
      'an empty answer',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: ' \n' },
        ],
      },
      'example_file_answer',
      '"unlabelled": true',
    ],
    [
      'a tool call as the answer',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: null, tool_calls: [{}] },
        ],
      },
      'example_file_answer',
      'no text',
    ],
    [
      'a mark that is no boolean',
      { messages: [{ role: 'user', content: 'a' }], unlabelled: 1 },
      'example_file_key',
      '"unlabelled"',
    ],
    [
      'a time that is none',
      { messages: [{ role: 'user', content: 'a' }], at: 'noon' },
      'example_file_key',
      '"at"',
    ],
    [
      'an id that is none',
      { messages: [{ role: 'user', content: 'a' }], id: {} },
      'example_file_key',
      '"id"',
    ],
  ])('%s', async (_, value, code, words) => {
    const error = await failure(await written(`${good}\n\n${JSON.stringify(value)}\n${good}`));
    expect(error).toMatchObject({ code, line: 3 });
    expect(error.message).toContain(words);
  });

  it('no assistant message anywhere', async () => {
    const unanswered = JSON.stringify({ messages: [{ role: 'user', content: 'a' }] });
    const file = await written(`\n${unanswered}\n${unanswered}\n`);
    expect(await failure(file)).toMatchObject({ code: 'example_file_unlabelled', line: 2 });
    // With a teacher at hand, that is no fault.
    expect(await collect(file, { answers: 'none' })).toHaveLength(2);
    expect(await collect(await written(`${unanswered}\n${good}`))).toHaveLength(2);
  });

  it('a message of 5 MB', async () => {
    const file = await written(`${good}\n${line('x'.repeat(5_000_000), 'spam')}\n${good}\n`);
    const error = await failure(file);
    expect(error).toMatchObject({ code: 'example_file_line_size', line: 2 });
    expect(error.message).toContain('1 MiB');
    expect(await collect(file, { lineBytes: 6_000_000 })).toHaveLength(3);
  });

  it('a line one byte over the limit, but not one that just fits', async () => {
    const empty = line('', 'ham').length;
    const fitting = line('x'.repeat(LINE_BYTES - empty), 'ham');
    expect(await collect(await written(`${fitting}\n${good}`))).toHaveLength(2);
    expect(
      await failure(await written(`${good}\n${line('x'.repeat(LINE_BYTES - empty + 1), 'ham')}`)),
    ).toMatchObject({
      code: 'example_file_line_size',
      line: 2,
    });
  });

  it('invalid UTF-8', async () => {
    const broken = Buffer.from(line('caf\u00e9', 'ham'), 'latin1');
    const file = await written(Buffer.concat([Buffer.from(`${good}\n`), broken, Buffer.from(`\n${good}`)]));
    const error = await failure(file);
    expect(error).toMatchObject({ code: 'example_file_utf8', line: 2 });
    expect(error.message).toContain('UTF-8');
  });

  it('UTF-16, as some editors save', async () => {
    const error = await failure(await written(Buffer.from(`\ufeff${good}\n`, 'utf16le')));
    expect(error).toMatchObject({ code: 'example_file_utf8', line: 1 });
    expect(error.message).toContain('UTF-16');
  });

  it('a character cut in two by the end of the file', async () => {
    const cut = Buffer.from(line('ä', 'ham'));
    expect(await failure(await written(cut.subarray(0, cut.indexOf(0xc3) + 1)))).toMatchObject({
      code: 'example_file_utf8',
      line: 1,
    });
  });
});

describe('inputText', () => {
  it('joins everything but instructions and the final answer', () => {
    const messages = [
      { role: 'system', content: 'S' },
      { role: 'developer', content: 'D' },
      { role: 'user', content: 'U1' },
      { role: 'assistant', content: 'A1' },
      { role: 'tool', content: 'T' },
      { role: 'user', content: 'U2' },
    ];
    expect(inputText(messages)).toBe('U1\nA1\nT\nU2');
    expect(inputText([...messages, { role: 'assistant', content: 'A2' }])).toBe('U1\nA1\nT\nU2');
    expect(inputText([])).toBe('');
  });
});
