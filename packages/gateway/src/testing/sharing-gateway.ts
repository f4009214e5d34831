/**
 * A gateway in a process of its own, as `kolben up` starts one. Argument: its configuration, as JSON. Prints its address
 * when it takes calls; stops in good order at SIGTERM.
 *
 * @module
 */
import { openStore } from '@kolben/store';
import { parseConfig } from '../config/parse-config.ts';
import { storeOptions } from '../config/store-options.ts';
import { startGateway } from '../server/start-gateway.ts';

const config = parseConfig(JSON.parse(process.argv[2] ?? ''));
const store = await openStore(storeOptions(config));
const gateway = await startGateway({ config, store });
process.once('SIGTERM', async () => {
  await gateway.close();
  await store.close();
});
process.stdout.write(`${gateway.url}\n`);
