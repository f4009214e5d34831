/**
 * A process of its own with a gateway in it. Arguments: the store's folder and the address of the provider; a third is
 * the configuration, JSON, over that of the tests.
 *
 * Prints a line when it takes calls, `{"url","secret"}`, and one for each event of the log, to standard error. Ends well
 * when it is asked to (SIGTERM).
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { openStore } from '@kolben/store';
import type { ConfigInput } from '../config/schema.ts';
import { lineLog } from '../log/log.ts';
import { startGateway } from '../server/start-gateway.ts';

const [directory = '', baseUrl = '', more = '{}'] = process.argv.slice(2);
try {
  const store = await openStore({ directory });
  const { limits, ...others } = JSON.parse(more) as Partial<ConfigInput>;
  const gateway = await startGateway({
    store,
    port: 0,
    log: lineLog(process.stderr),
    environment: { MOCK_KEY: 'sk-mock-0123456789abcdef' },
    config: {
      providers: {
        mock: {
          baseUrl,
          apiKeyEnv: 'MOCK_KEY',
          prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } },
        },
      },
      tasks: { mail: { kind: 'classify', teacher: 'mock/big-1' } },
      ...(limits && { limits }),
      ...others,
    },
  });
  const { secret } = await store.keys.create({ name: 'test', scope: 'use' });
  process.once('SIGTERM', async () => {
    await gateway.close();
    await store.close();
    process.exit(0);
  });
  process.stdout.write(`${JSON.stringify({ url: gateway.url, secret })}\n`);
} catch (error) {
  process.stderr.write(
    `${KolbenError.isInstance(error) ? `${error.code}: ${error.message}` : String(error)}\n`,
  );
  process.exit(1);
}
