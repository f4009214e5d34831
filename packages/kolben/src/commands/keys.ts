/**
 * `kolben keys`: the keys that clients of the gateway show.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { scopes } from '@kolben/store';
import { defineKolbenCommand, type Group } from '../cli/command.ts';
import { duration, oneOf, pointInTime } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';

const create = defineKolbenCommand({
  name: 'create',
  description: 'make a key; its secret is shown once and stored only as a hash',
  examples: [
    'kolben keys create --name "mail sorter"',
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
    ...storeArgs,
  },
  async run(args, context) {
    const scope = oneOf('--scope', args.scope, scopes);
    const expiresAt =
      args.expires === undefined ? undefined : pointInTime('--expires', args.expires, new Date());
    return withStore(args, context, async (store) => {
      const { id, secret } = await store.keys.create({
        name: args.name,
        scope,
        ...(expiresAt && { expiresAt }),
      });
      await store.audit({ actor: 'cli', act: 'key.create', subject: id, detail: { name: args.name, scope } });
      context.note('The secret is shown this once: keep it where you keep passwords.');
      return {
        json: { id, name: args.name, scope, expiresAt: expiresAt?.toISOString() ?? null, secret },
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
            : table([['id', 'name', 'scope', 'last used', 'state'], ...rows], [], ''),
      };
    }),
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
        throw new KolbenError(
          'key_unknown',
          `There is no active key '${args.id}': 'kolben keys list' shows the ids.`,
        );
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
        throw new KolbenError(
          'key_unknown',
          `There is no active key '${args.id}': 'kolben keys list' shows the ids.`,
        );
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

export const keys: Group = {
  name: 'keys',
  description: 'create, list, exchange and revoke the keys of the gateway',
  commands: [create, list, rotate, revoke],
  default: 'list',
};
