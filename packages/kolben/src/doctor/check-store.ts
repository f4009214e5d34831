/**
 * The store: its keys, its texts, its clock.
 *
 * @module
 */
import type { Config } from '@kolben/gateway/config';
import type { Key, Store } from '@kolben/store';
import { counted } from '../progress/words.ts';
import { type Finding, look, ok, open } from './finding.ts';

const dayMs = 24 * 60 * 60 * 1000;
const unusedDays = 90;
const soonDays = 7;

/** @param isGatewayUp whether a gateway was found at work */
export async function checkStore(
  store: Store,
  config: Config | undefined,
  now: Date,
  isGatewayUp: boolean,
): Promise<Finding[]> {
  return [
    ...checkKeys(await store.keys.list(), now),
    ...(await checkTexts(store, config, now, isGatewayUp)),
    ...(await checkClock(store, now)),
  ];
}

function checkKeys(keys: readonly Key[], now: Date): Finding[] {
  const active = keys.filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > now),
  );
  const named = (some: readonly Key[]) => some.map(({ name, id }) => `${name} (${id})`).join(', ');
  const forEver = active.filter(({ expiresAt }) => expiresAt === null);
  const unused = active.filter(
    ({ lastUsedAt, createdAt }) => now.getTime() - (lastUsedAt ?? createdAt).getTime() > unusedDays * dayMs,
  );
  const ending = active.filter(
    ({ expiresAt }) => expiresAt !== null && expiresAt.getTime() - now.getTime() < soonDays * dayMs,
  );
  const findings: Finding[] = [
    forEver.length === 0
      ? ok('keys.expiry', 'Every key has a day on which it stops working.')
      : look(
          'keys.expiry',
          `These keys work for ever: ${named(forEver)}.`,
          "Make new ones with --expires and revoke these: 'kolben keys create', 'kolben keys revoke'.",
        ),
    unused.length === 0
      ? ok('keys.unused', `Every key was used, or made, within ${unusedDays} days.`)
      : look(
          'keys.unused',
          `These keys were not used for ${unusedDays} days: ${named(unused)}.`,
          "Revoke those that nobody needs: 'kolben keys revoke <id>'.",
        ),
  ];
  if (ending.length > 0) {
    findings.push(
      look(
        'keys.ending',
        `These keys stop working within ${soonDays} days: ${named(ending)}.`,
        "Exchange them in time: 'kolben keys rotate <id> --grace 1d'.",
      ),
    );
  }
  if (!active.some(({ scope }) => scope === 'use')) {
    findings.push(
      look(
        'keys.none',
        'There is no key that could call a model.',
        "'kolben keys create --name <name>' makes one.",
      ),
    );
  }
  return findings;
}

async function checkTexts(
  store: Store,
  config: Config | undefined,
  now: Date,
  isGatewayUp: boolean,
): Promise<Finding[]> {
  const facts = await store.inspect();
  const findings: Finding[] = [
    ok(
      'store.shape',
      `The store has the shape of this Kolben (${facts.shape}) and opens with its key (${facts.key.id}).`,
    ),
    facts.texts.unsealed === 0
      ? ok('store.sealed', `Texts are encrypted (the newest ${facts.texts.looked} were looked at).`)
      : open(
          'store.sealed',
          `Of the newest ${facts.texts.looked} calls ${facts.texts.unsealed} have texts that are not encrypted as they should be.`,
          'Put back a backup of the store, and find out who else writes to its file.',
        ),
    facts.rotationFrom === null
      ? ok('store.key_rotation', 'No change of the encryption key is left half done.')
      : open(
          'store.key_rotation',
          `A change of the encryption key was begun and not finished: texts still need the old one (${facts.rotationFrom}).`,
          "Run 'kolben store rotate-key' again: it goes on where it was.",
        ),
  ];
  if (!isGatewayUp && facts.journalBytes > 0) {
    findings.push(
      look(
        'store.journal',
        'A gateway was killed, and calls that it had answered are not in the database yet.',
        "Start it again: 'kolben up' puts them there.",
      ),
    );
  }
  if (!isGatewayUp && facts.reservedCalls > 0) {
    findings.push(
      look(
        'store.reservations',
        `A process was killed while money of the budgets was set aside for ${counted(facts.reservedCalls, 'call')}.`,
        "Start the gateway: 'kolben up' sets it free within a minute.",
      ),
    );
  }
  const days = config?.retention.textDays;
  if (days !== undefined && facts.oldestText !== null) {
    // A running gateway looks once an hour or so.
    const overdue = now.getTime() - facts.oldestText.getTime() > (days + 1) * dayMs;
    findings.push(
      overdue
        ? open(
            'retention.overdue',
            `Words of ${facts.oldestText.toISOString().slice(0, 10)} are still there, though they are to go after ${days} days.`,
            "Start the gateway, which deletes them, or run 'kolben calls prune'.",
          )
        : ok('retention.overdue', 'No words are older than they may become.'),
    );
  }
  return findings;
}

async function checkClock(store: Store, now: Date): Promise<Finding[]> {
  const [newest] = await store.calls.list({ limit: 1 });
  const ahead = newest === undefined ? 0 : newest.at.getTime() - now.getTime();
  return [
    ahead > 5 * 60_000
      ? open(
          'clock',
          `The newest call came in at ${newest!.at.toISOString()}, which is still to come: the clock was set back.`,
          'Set the clock by a time server: expiry of keys, retention and budgets go by it.',
        )
      : ok('clock', 'The clock is not behind the newest call.'),
  ];
}
