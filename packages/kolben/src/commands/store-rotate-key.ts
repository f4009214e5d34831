/**
 * `kolben store rotate-key`: another encryption key for the store.
 *
 * @module
 */
import { defineKolbenCommand } from '../cli/command.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { counted } from '../progress/words.ts';

export const rotateKey = defineKolbenCommand({
  name: 'rotate-key',
  description: 'change the encryption key and seal every recorded text anew; the gateway must be stopped',
  examples: ['kolben store rotate-key', 'KOLBEN_NEW_ENCRYPTION_KEY=… kolben store rotate-key'],
  args: storeArgs,
  run: (args, context) =>
    withStore(args, context, async (store) => {
      const phase = context.progress.phase('Sealing texts anew');
      try {
        const { from, to, rows, resumed, keysFrom } = await store.rotateKey({
          signal: context.signal,
          onProgress: (done) => phase.update(done),
        });
        await store.audit({ actor: 'cli', act: 'store.rotate_key', detail: { from, to, calls: rows } });
        phase.done(`${counted(rows, 'call')} sealed with the new key.`);
        if (keysFrom === 'environment')
          context.note(
            'Now set KOLBEN_ENCRYPTION_KEY to the new key and unset KOLBEN_NEW_ENCRYPTION_KEY; keep the old key for as long as you keep backups that it opens.',
          );
        return {
          json: { from, to, calls: rows, resumed },
          text: `The store is sealed with the key ${to}; ${from} opens nothing in it any more.`,
        };
      } catch (error) {
        phase.stop();
        throw error;
      }
    }),
});
