/**
 * A tokenizer.json by the names of llama.cpp, which has two kinds of BPE: over bytes, as GPT-2's (`gpt2`), and over
 * characters with a fallback to bytes, as SentencePiece's (`llama`).
 *
 * How a text is cut into words is no data there but a name that its sources know. So a tokenizer whose pattern has no
 * name is refused: it would be cut otherwise, and the model would read other tokens than it was trained on.
 * Source: llama.cpp, `src/llama-vocab.cpp` and `convert_hf_to_gguf.py`.
 *
 * @module
 */
import { z } from 'zod';
import { symbolBytes } from '../../tokenizers/byte-symbols.ts';
import { pieceBytes } from '../../tokenizers/text-tokenizer.ts';
import { GgufError } from './gguf-error.ts';
import type { GgufMetadata } from './gguf-file.ts';

const step = z.looseObject({ type: z.string() });
const tokenizerSchema = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: z.int().nonnegative(), content: z.string(), special: z.boolean().nullish() }))
    .nullish(),
  normalizer: step.nullish(),
  pre_tokenizer: step.nullish(),
  post_processor: step.nullish(),
  model: z.looseObject({
    type: z.literal('BPE').optional(),
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
    byte_fallback: z.boolean().nullish(),
    unk_token: z.string().nullish(),
  }),
});
type Tokenizer = z.infer<typeof tokenizerSchema>;
type Step = z.infer<typeof step>;

const tokenName = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const configSchema = z.looseObject({
  bos_token: tokenName,
  eos_token: tokenName,
  pad_token: tokenName,
  unk_token: tokenName,
  chat_template: z.unknown().optional(),
});

/** Kinds of tokens in the file. */
const kinds = { normal: 1, unknown: 2, control: 3, defined: 4, unused: 5, byte: 6 } as const;

/** English contractions, as the patterns of Llama 3 and Qwen write them, and for programs without `(?i:`. */
const contractions = [
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)`,
  `(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])`,
];
const words = (letters: string, digits: string, signs: string) =>
  String.raw`[^\r\n\p{L}\p{N}]?${letters}+|${digits}| ?${signs}+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
/** The patterns that llama.cpp knows, by what stands behind the contractions. */
const named: Readonly<Record<string, string>> = {
  qwen2: words(String.raw`\p{L}`, String.raw`\p{N}`, String.raw`[^\s\p{L}\p{N}]`),
  qwen35: words(String.raw`[\p{L}\p{M}]`, String.raw`\p{N}`, String.raw`[^\s\p{L}\p{M}\p{N}]`),
  'llama-bpe': words(String.raw`\p{L}`, String.raw`\p{N}{1,3}`, String.raw`[^\s\p{L}\p{N}]`),
};
const patterns: ReadonlyMap<string, string> = new Map(
  Object.entries(named).flatMap(([name, rest]) => contractions.map((start) => [`${start}|${rest}`, name])),
);

/** What `config.json` says of tokens. */
export interface TokenNumbers {
  /** Rows of the table of tokens. */
  readonly vocabulary: number;
  readonly begin?: number | undefined;
  readonly end?: number | undefined;
}

/**
 * @param json what tokenizer.json holds, and `config` what tokenizer_config.json does
 * @throws GgufError (`gguf_tokenizer`) for a tokenizer that llama.cpp couldn't follow
 */
export function tokenizerEntries(json: unknown, config: unknown, numbers: TokenNumbers): GgufMetadata {
  const read = tokenizerSchema.safeParse(json);
  const settings = configSchema.safeParse(config);
  if (!read.success || !settings.success)
    throw new GgufError(
      'gguf_tokenizer',
      `${read.success ? 'tokenizer_config.json' : 'tokenizer.json'} is none of a BPE; GGUF is written for decoders with a byte-level BPE, or one with byte fallback.`,
    );
  const tokenizer = read.data;
  const added = new Map((tokenizer.added_tokens ?? []).map((token) => [token.id, token]));
  const tokens = tokensOf(tokenizer, added, numbers.vocabulary);
  const idOf = (name: z.infer<typeof tokenName>) => {
    const content = typeof name === 'string' ? name : name?.content;
    const id = content === undefined ? -1 : tokens.indexOf(content);
    return id < 0 ? undefined : id;
  };
  const begin = numbers.begin ?? idOf(settings.data.bos_token);
  const end = numbers.end ?? idOf(settings.data.eos_token);
  const unknown = idOf(tokenizer.model.unk_token) ?? idOf(settings.data.unk_token);
  const padding = idOf(settings.data.pad_token);
  const around = addedAround(tokenizer.post_processor ?? undefined);
  const words = tokenizer.model.byte_fallback
    ? piecesEntries(tokenizer, tokens)
    : byteLevelEntries(tokenizer);
  const types = tokens.map((token, id): number => {
    const own = added.get(id);
    if (token === undefined) return kinds.unused;
    if (tokenizer.model.byte_fallback && id === unknown) return kinds.unknown;
    if (own) return own.special ? kinds.control : kinds.defined;
    return tokenizer.model.byte_fallback && /^<0x[0-9A-F]{2}>$/.test(token) ? kinds.byte : kinds.normal;
  });
  const number = (name: string, value: number | undefined): GgufMetadata =>
    value === undefined ? {} : { [`tokenizer.ggml.${name}`]: { type: 'uint32', value } };
  const { chat_template: given } = settings.data;
  // What a tokenizer puts around a text, as a student that answers has it, is nothing that the file could say but here.
  const said = (names: readonly string[]) => names.map((name) => textOf(name, tokenizer, added)).join('');
  const asked =
    around.after.length === 0
      ? undefined
      : `${said(around.before)}{{ messages[-1]['content'] }}${said(around.after)}`;
  const chat = given ?? asked;
  return {
    ...words,
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens.map((token, id) => token ?? `[PAD${id}]`) },
    'tokenizer.ggml.token_type': { type: 'int32s', value: types },
    ...number('bos_token_id', begin),
    ...number('eos_token_id', end),
    ...number('unknown_token_id', unknown),
    ...number('padding_token_id', padding),
    'tokenizer.ggml.add_bos_token': {
      type: 'bool',
      value: begin !== undefined && around.before.length > 0 && tokens[begin] === around.before[0],
    },
    // The template puts after a text what belongs there, and only once.
    'tokenizer.ggml.add_eos_token': { type: 'bool', value: false },
    ...(typeof chat === 'string' ? { 'tokenizer.chat_template': { type: 'string', value: chat } } : {}),
  };
}

/** The tokens by their numbers; undefined for rows of the model's table that no token has. */
function tokensOf(
  { model }: Tokenizer,
  added: ReadonlyMap<number, { content: string }>,
  vocabulary: number,
): (string | undefined)[] {
  const tokens = Array<string | undefined>(vocabulary).fill(undefined);
  const all = [
    ...Object.entries(model.vocab),
    ...[...added].map(([id, { content }]) => [content, id] as const),
  ];
  for (const [token, id] of all) {
    if (id >= vocabulary)
      throw new GgufError(
        'gguf_tokenizer',
        `The token ${JSON.stringify(token)} has number ${id}, and the model has ${vocabulary} tokens; take tokenizer.json and weights of one model.`,
      );
    tokens[id] = token;
  }
  return tokens;
}

function byteLevelEntries({ model, normalizer, pre_tokenizer: cut }: Tokenizer): GgufMetadata {
  const steps = stepsOf(normalizer, 'normalizers').filter(({ type }) => type !== 'NFC');
  if (steps.length > 0)
    throw new GgufError(
      'gguf_tokenizer',
      `Texts are normalised before they are read (${steps.map(({ type }) => type).join(', ')}), which llama.cpp does not do for a byte-level BPE.`,
    );
  return {
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: patternName(stepsOf(cut, 'pretokenizers')) },
    'tokenizer.ggml.merges': {
      type: 'strings',
      value: model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' '))),
    },
  };
}

function patternName(steps: readonly Step[]): string {
  const bytes = steps.at(-1);
  const before = steps.slice(0, -1);
  if (bytes?.type === 'ByteLevel' && bytes.add_prefix_space !== true) {
    // (Left out, it is true.)
    const isGpt2 = bytes.use_regex !== false;
    if (isGpt2 && before.length === 0) return 'gpt-2';
    if (isGpt2 && before.length === 1 && before[0].type === 'Digits' && before[0].individual_digits === true)
      return 'smollm';
    if (!isGpt2 && before.length === 1 && before[0].type === 'Split' && before[0].behavior === 'Isolated') {
      const name = patterns.get((before[0].pattern as { Regex?: string } | undefined)?.Regex ?? '');
      if (name !== undefined) return name;
    }
  }
  throw new GgufError(
    'gguf_tokenizer',
    'The tokenizer cuts texts into words in a way for which llama.cpp has no name, so it would read other tokens than the model was trained on: export it to onnx or hf.',
  );
}

function piecesEntries(
  { model, normalizer, pre_tokenizer: cut }: Tokenizer,
  tokens: readonly (string | undefined)[],
): GgufMetadata {
  const normal = stepsOf(normalizer, 'normalizers');
  const cuts = stepsOf(cut, 'pretokenizers');
  const isSpace = ({ type, pattern, content, prepend }: Step) =>
    (type === 'Prepend' && prepend === '▁') ||
    (type === 'Replace' && (pattern as { String?: string } | undefined)?.String === ' ' && content === '▁');
  const strange = [
    ...normal.filter((one) => !isSpace(one)),
    ...cuts.filter(({ type }) => type !== 'Metaspace'),
  ];
  if (strange.length > 0)
    throw new GgufError(
      'gguf_tokenizer',
      `The tokenizer treats texts in a way that llama.cpp does not follow (${strange.map(({ type }) => type).join(', ')}): export it to onnx or hf.`,
    );
  // What is merged first has the highest score there.
  const ranks = new Map<string, number>();
  for (const [rank, merge] of model.merges.entries()) {
    const made = (typeof merge === 'string' ? merge.split(' ') : merge).join('');
    if (!ranks.has(made)) ranks.set(made, rank);
  }
  const never = -1e9;
  return {
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.pre': { type: 'string', value: 'default' },
    'tokenizer.ggml.scores': {
      type: 'float32s',
      value: tokens.map((token) => -(ranks.get(token ?? '') ?? -never)),
    },
    'tokenizer.ggml.add_space_prefix': {
      type: 'bool',
      value:
        normal.some(({ type }) => type === 'Prepend') ||
        cuts.some(
          ({ prepend_scheme: scheme, add_prefix_space: space }) =>
            (scheme ?? (space === false ? 'never' : 'always')) !== 'never',
        ),
    },
  };
}

/** The steps of one that may be a sequence of some. */
function stepsOf(one: Step | null | undefined, name: string): Step[] {
  if (!one) return [];
  return one.type === 'Sequence'
    ? z
        .array(step)
        .parse(one[name])
        .flatMap((inner) => stepsOf(inner, name))
    : [one];
}

/** A token as it is written in a text. */
function textOf(
  name: string,
  { model }: Tokenizer,
  added: ReadonlyMap<number, { readonly content: string }>,
): string {
  if ([...added.values()].some(({ content }) => content === name)) return name;
  return Buffer.from((model.byte_fallback ? pieceBytes(name) : symbolBytes(name)) ?? []).toString('utf8');
}

/** The tokens that are put before and after a text, by their names. */
function addedAround(post: Step | undefined): {
  readonly before: readonly string[];
  readonly after: readonly string[];
} {
  if (post?.type === 'Sequence')
    for (const one of stepsOf(post, 'processors').map(addedAround))
      if (one.before.length + one.after.length > 0) return one;
  if (post?.type !== 'TemplateProcessing') return { before: [], after: [] };
  const parts = post.single as { SpecialToken?: { id: string } }[];
  const names = (some: typeof parts) => some.flatMap(({ SpecialToken }) => SpecialToken?.id ?? []);
  const text = parts.findIndex(({ SpecialToken }) => SpecialToken === undefined);
  return { before: names(parts.slice(0, text)), after: names(parts.slice(text + 1)) };
}
