/**
 * The running gateway, as strangers and as its administrator see it.
 *
 * @module
 */

import type { Probed } from '@kolben/gateway';
import { type Config, isLoopback } from '@kolben/gateway/config';
import { version } from '../version.ts';
import { type Finding, look, notChecked, ok, open } from './finding.ts';

const clockMs = 60_000;

export function checkGateway(
  url: string,
  probed: Probed,
  config: Config | undefined,
  directory: string,
  now: Date,
): Finding[] {
  if (probed.isKolben === undefined) {
    return [
      notChecked(
        'gateway.reachable',
        `Nothing answers at ${url}, so what a running gateway does could not be looked at.`,
        "Start it with 'kolben up', or name its address with --gateway.",
      ),
    ];
  }
  if (!probed.isKolben) {
    return [
      look(
        'gateway.reachable',
        `What answers at ${url} is no Kolben gateway.`,
        'Name the right address with --gateway, or free the port.',
      ),
    ];
  }
  const findings: Finding[] = [ok('gateway.reachable', `A Kolben gateway answers at ${url}.`)];
  const answersToAny = config !== undefined && !isLoopback(config.host) && config.allowedHosts.length === 0;
  for (const { name, what, isSafe } of probed.knocks) {
    const check = `gateway.${name}`;
    if (isSafe) findings.push(ok(check, `Refused, or as it should be: ${what}.`));
    // Said once already, of the configuration.
    else if (name === 'foreign_host' && answersToAny) continue;
    else {
      findings.push(
        open(
          check,
          `The gateway at ${url} does not do what it should with ${what}.`,
          'Find out what stands between (a proxy that adds keys, names or headers?), or update Kolben.',
        ),
      );
    }
  }
  return [...findings, ...checkStatus(probed, config, directory, now)];
}

function checkStatus(
  { status, statusCode }: Probed,
  config: Config | undefined,
  directory: string,
  now: Date,
): Finding[] {
  if (status === undefined) {
    return [
      statusCode === undefined
        ? notChecked(
            'gateway.status',
            'The gateway was not asked what is true of it, for there was no key to ask with.',
            "Set KOLBEN_ADMIN_KEY to one of 'kolben keys create --scope admin'.",
          )
        : look(
            'gateway.status',
            `The gateway answered ${statusCode} to the key in KOLBEN_ADMIN_KEY.`,
            "Set it to one of 'kolben keys create --scope admin' that still works.",
          ),
    ];
  }
  const findings: Finding[] = [];
  findings.push(
    status.version === version
      ? ok('gateway.version', `The gateway is of this version, ${version}.`)
      : look(
          'gateway.version',
          `The gateway is of version ${status.version}, this command of ${version}.`,
          'Start it again with the version that is installed.',
        ),
  );
  const drift = Math.abs(new Date(status.now).getTime() - now.getTime());
  findings.push(
    drift > clockMs
      ? open(
          'gateway.clock',
          `The gateway's clock is ${Math.round(drift / 1000)} seconds off this machine's.`,
          'Set both by a time server.',
        )
      : ok('gateway.clock', 'The gateway’s clock is this machine’s.'),
  );
  if (status.dataDirectory !== directory) {
    findings.push(
      look(
        'gateway.data',
        `The gateway works on ${status.dataDirectory}, and what was looked at here is ${directory}.`,
        'Name the right one with --data or --config.',
      ),
    );
  }
  if (config !== undefined) {
    const written = (tasks: readonly { name: string; teacher: string; redacted: boolean }[]) =>
      JSON.stringify(tasks.map(({ name, teacher, redacted }) => [name, teacher, redacted]).sort());
    const here = Object.entries(config.tasks).map(([name, { teacher, redaction }]) => ({
      name,
      teacher,
      redacted: redaction === undefined,
    }));
    const isSame =
      written(status.tasks) === written(here) &&
      status.retention.textDays === (config.retention.textDays ?? null);
    findings.push(
      isSame
        ? ok('gateway.config', 'The gateway works by the configuration as it is now.')
        : look(
            'gateway.config',
            'The configuration was changed since the gateway was started, and the gateway goes by the old one.',
            'Start it again.',
          ),
    );
  }
  findings.push(
    status.unrecorded.failing
      ? open(
          'gateway.recording',
          'The gateway can record no calls and takes none.',
          'Its log tells why: most likely the disk is full.',
        )
      : ok('gateway.recording', `Calls are being recorded (${status.unrecorded.calls} under way).`),
  );
  return findings;
}
