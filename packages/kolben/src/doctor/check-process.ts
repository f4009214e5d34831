/**
 * The surroundings that this process, and most likely the gateway, runs in.
 *
 * @module
 */
import { type Finding, look, ok, open } from './finding.ts';

export function checkProcess(
  environment: Readonly<Record<string, string | undefined>>,
  userId: number | undefined,
): Finding[] {
  return [
    environment.NODE_TLS_REJECT_UNAUTHORIZED === '0'
      ? open(
          'process.certificates',
          'NODE_TLS_REJECT_UNAUTHORIZED=0 is set: anybody in between can pose as a provider and get its key.',
          'Unset it; for a certificate of your own set NODE_EXTRA_CA_CERTS to its file.',
        )
      : ok('process.certificates', 'The certificates of providers are checked.'),
    userId === 0
      ? look(
          'process.user',
          'This runs as root.',
          'Run the gateway as a user of its own, who owns the data folder and nothing else.',
        )
      : ok('process.user', 'This does not run as root.'),
  ];
}
