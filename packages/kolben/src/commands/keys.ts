/**
 * `kolben keys`: the keys that clients of the gateway show.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { type KeyLimits, scopes } from '@kolben/store';
import type { ArgsDef } from 'citty';
import { defineKolbenCommand, type Group } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { duration, limit, oneOf, pointInTime, upTo, whole } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { count, dollars } from '../progress/words.ts';

const limitArgs = {
  'budget-usd-per-month': {
    type: 'string',
    description: "what its calls may cost in a calendar month (UTC), US dollars; 'none' for no limit",
    valueHint: 'dollars',
  },
  'requests-per-minute': {
    type: 'string',
    description: "requests it may make in a minute; 'none' for no limit",
    valueHint: 'number',
  },
  'tokens-per-minute': {
    type: 'string',
    description: "tokens, of prompts and answers, that it may use in a minute; 'none' for no limit",
    valueHint: 'number',
  },
} as const satisfies ArgsDef;

const noLimits: KeyLimits = { usdPerMonth: null, requestsPerMinute: null, tokensPerMinute: null };
const most = 1_000_000_000;

/** Those that were named. */
function limitsOf(args: { [A in keyof typeof limitArgs]?: string | undefined }): Partial<KeyLimits> {
  const wholeLimit = (name: keyof typeof limitArgs) =>
    limit(args[name], (text) => whole(`--${name}`, text, 1, most));
  const limits = {
    usdPerMonth: limit(args['budget-usd-per-month'], (text) => upTo('--budget-usd-per-month', text, most)),
    requestsPerMinute: wholeLimit('requests-per-minute'),
    tokensPerMinute: wholeLimit('tokens-per-minute'),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

const create = defineKolbenCommand({
  name: 'create',
  description: 'make a key; its secret is shown once and stored only as a hash',
  examples: [
    'kolben keys create --name "mail sorter"',
    'kolben keys create --name shop --budget-usd-per-month 50 --requests-per-minute 600',
    'kolben keys create --name console --scope admin --expires 2027-01-01',
  ],
  args: {
    name: { type: 'string', description: 'who will use it', required: true, valueHint: 'name' },
    scope: {
      type: 'string',
      description: `${scopes.join(' or ')}: use may call models, admin may administer`,
      default: 'use',
      valueHint: 'scope',
    },
    expires: {
      type: 'string',
      description: 'the day it stops working, such as 2027-01-01',
      valueHint: 'date',
    },
    ...limitArgs,
    ...storeArgs,
  },
  async run(args, context) {
    const limits = limitsOf(args);
    const scope = oneOf('--scope', args.scope, scopes);
    const expiresAt =
      args.expires === undefined ? undefined : pointInTime('--expires', args.expires, new Date());
    return withStore(args, context, async (store) => {
      const { id, secret } = await store.keys.create({
        name: args.name,
        scope,
        ...(expiresAt && { expiresAt }),
        limits,
      });
      await store.audit({
        actor: 'cli',
        act: 'key.create',
        subject: id,
        detail: { name: args.name, scope, ...limits },
      });
      context.note('The secret is shown this once: keep it where you keep passwords.');
      return {
        json: {
          id,
          name: args.name,
          scope,
          limits: { ...noLimits, ...limits },
          expiresAt: expiresAt?.toISOString() ?? null,
          secret,
        },
        text: secret,
      };
    });
  },
});

const list = defineKolbenCommand({
  name: 'list',
  description: 'list the keys, without their secrets',
  examples: ['kolben keys', 'kolben keys list --json'],
  args: storeArgs,
  run: (args, context) =>
    withStore(args, context, async (store) => {
      const keys = await store.keys.list();
      const day = (date: Date | null) => date?.toISOString().slice(0, 16).replace('T', ' ') ?? '–';
      const rows = keys.map((key) => [
        key.id,
        plain(key.name, 40),
        key.scope,
        day(key.lastUsedAt),
        key.limits.usdPerMonth === null ? '–' : dollars(key.limits.usdPerMonth),
        key.limits.requestsPerMinute === null ? '–' : count(key.limits.requestsPerMinute),
        key.limits.tokensPerMinute === null ? '–' : count(key.limits.tokensPerMinute),
        key.revokedAt
          ? `revoked ${day(key.revokedAt)}`
          : key.expiresAt
            ? `until ${day(key.expiresAt)}`
            : 'active',
      ]);
      return {
        json: { keys },
        text:
          keys.length === 0
            ? "There are no keys: 'kolben keys create --name <name>' makes one."
            : table(
                [
                  ['id', 'name', 'scope', 'last used', 'a month', 'requests/min', 'tokens/min', 'state'],
                  ...rows,
                ],
                [4, 5, 6],
                '',
              ),
      };
    }),
});

const set = defineKolbenCommand({
  name: 'set',
  description: 'set or take away the limits of a key, also while the gateway runs',
  examples: [
    'kolben keys set key_01JX… --budget-usd-per-month 80',
    'kolben keys set key_01JX… --requests-per-minute none --tokens-per-minute 200000',
  ],
  args: {
    id: { type: 'positional', required: true, description: "the key's id, as 'kolben keys list' shows it" },
    ...limitArgs,
    ...storeArgs,
  },
  async run(args, context) {
    const limits = limitsOf(args);
    if (Object.keys(limits).length === 0) {
      throw new UsageError(
        'No limit was named: set --budget-usd-per-month, --requests-per-minute or --tokens-per-minute.',
      );
    }
    return withStore(args, context, async (store) => {
      if (!(await store.keys.limit(args.id, limits))) throw unknownKey(args.id);
      await store.audit({ actor: 'cli', act: 'key.limit', subject: args.id, detail: { ...limits } });
      const key = (await store.keys.list()).find(({ id }) => id === args.id);
      return {
        json: { id: args.id, limits: key?.limits ?? noLimits },
        text: `Key ${args.id} has new limits; a running gateway holds to them within a second.`,
      };
    });
  },
});

const revoke = defineKolbenCommand({
  name: 'revoke',
  description: 'make a key stop working, at once and for good',
  examples: ['kolben keys revoke 01JX…'],
  args: {
    id: { type: 'positional', required: true, description: "the key's id, as 'kolben keys list' shows it" },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store) => {
      if (!(await store.keys.revoke(args.id))) {
        throw unknownKey(args.id);
      }
      await store.audit({ actor: 'cli', act: 'key.revoke', subject: args.id });
      return { json: { id: args.id, revoked: true }, text: `Key ${args.id} is revoked.` };
    }),
});

const rotate = defineKolbenCommand({
  name: 'rotate',
  description: 'make a key that takes the place of another, which works on for a time of grace',
  examples: ['kolben keys rotate key_01JX… --grace 1d', 'kolben keys rotate key_01JX… --grace 0m'],
  args: {
    id: {
      type: 'positional',
      required: true,
      description: "the old key's id, as 'kolben keys list' shows it",
    },
    grace: {
      type: 'string',
      description: 'how long the old key works on: 90m, 24h or 7d; 0m revokes it at once',
      default: '1d',
      valueHint: 'time',
    },
    ...storeArgs,
  },
  async run(args, context) {
    const graceMs = duration('--grace', args.grace);
    return withStore(args, context, async (store) => {
      const rotated = await store.keys.rotate(args.id, graceMs);
      if (rotated === undefined) {
        throw unknownKey(args.id);
      }
      const { id, secret, name, scope, expiresAt, oldWorksUntil } = rotated;
      const until = oldWorksUntil?.toISOString() ?? null;
      await store.audit({
        actor: 'cli',
        act: 'key.rotate',
        subject: args.id,
        detail: { to: id, oldWorksUntil: until },
      });
      context.note(
        until === null
          ? 'The old key is revoked. The new secret is shown this once: keep it where you keep passwords.'
          : `The old key works until ${until}. The new secret is shown this once: keep it where you keep passwords.`,
      );
      return {
        json: {
          id,
          name,
          scope,
          expiresAt: expiresAt?.toISOString() ?? null,
          replaces: args.id,
          oldWorksUntil: until,
          secret,
        },
        text: secret,
      };
    });
  },
});

function unknownKey(id: string): KolbenError {
  return new KolbenError('key_unknown', `There is no active key '${id}': 'kolben keys list' shows the ids.`);
}

export const keys: Group = {
  name: 'keys',
  description: 'create, list, limit, exchange and revoke the keys of the gateway',
  commands: [create, list, set, rotate, revoke],
  default: 'list',
};
