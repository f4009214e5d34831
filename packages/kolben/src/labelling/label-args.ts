/**
 * How a teacher is put to work, as it is typed: the same options wherever inputs are labelled.
 *
 * @module
 */
import type { ArgsDef, ParsedArgs } from 'citty';
import { UsageError } from '../cli/errors.ts';
import { positive, whole } from '../cli/options.ts';

/** Of the lot and the choice: always the same, so that the same command goes on where it was killed. */
export const CHOICE_SEED = 0;

const mostVotes = 100;
const mostAtOnce = 1_000;

export const labelArgs = {
  budget: {
    type: 'string',
    description: 'the most that labelling may cost in US dollars; it is never exceeded',
    valueHint: 'usd',
  },
  votes: {
    type: 'string',
    description: 'how often each input is asked (1 unless told otherwise); the majority is the label',
    valueHint: 'k',
  },
  choose: {
    type: 'string',
    description:
      'label only so many inputs: a share of them drawn at random to judge students by, the others those that teach most',
    valueHint: 'n',
  },
  concurrency: {
    type: 'string',
    description: 'calls under way at once (16 unless told otherwise)',
    valueHint: 'n',
  },
  temperature: {
    type: 'string',
    description: 'of the answers; by default 0 for one vote and 1 for several',
    valueHint: 't',
  },
  'max-tokens': {
    type: 'string',
    description: "the most tokens of an answer; by default 2,048 with --budget, else the teacher's",
    valueHint: 'n',
  },
  gateway: {
    type: 'string',
    description: 'a gateway that runs already, with its key in KOLBEN_KEY; by default one in this process',
    valueHint: 'url',
  },
} as const satisfies ArgsDef;

export interface LabelChoice {
  readonly votes: number;
  /** The most inputs to label. */
  readonly choose: number | undefined;
  readonly concurrency: number;
  readonly budget: number | undefined;
  readonly temperature: number | undefined;
  readonly maxTokens: number | undefined;
  /** The address of a gateway that runs already. */
  readonly gateway: string | undefined;
}

export async function readLabelArgs(args: ParsedArgs<typeof labelArgs>): Promise<LabelChoice> {
  const tokens = args['max-tokens'];
  return {
    votes: whole('--votes', args.votes ?? '1', 1, mostVotes),
    choose: args.choose === undefined ? undefined : await atLeastADataset(args.choose),
    concurrency: whole('--concurrency', args.concurrency ?? '16', 1, mostAtOnce),
    budget: args.budget === undefined ? undefined : positive('--budget', args.budget),
    temperature: args.temperature === undefined ? undefined : warmth(args.temperature),
    maxTokens: tokens === undefined ? undefined : whole('--max-tokens', tokens, 1, 1_000_000),
    gateway: args.gateway,
  };
}

async function atLeastADataset(text: string): Promise<number> {
  const { MINIMUM_EXAMPLES } = await import('@kolben/distill');
  return whole('--choose', text, MINIMUM_EXAMPLES, 1_000_000);
}

function warmth(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 2))
    throw new UsageError(`--temperature must be a number from 0 to 2; it was '${text}'.`);
  return value;
}
