/**
 * What the configuration leaves open.
 *
 * @module
 */
import { type Config, isLoopback, usedProviders } from '@kolben/gateway/config';
import { type Finding, look, ok, open } from './finding.ts';

export function checkConfig(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Finding[] {
  return [
    ...checkAddress(config),
    ...checkRetention(config),
    ...checkTasks(config),
    ...checkProviders(config, environment),
  ];
}

function checkAddress({ host, allowedHosts }: Config): Finding[] {
  if (isLoopback(host)) {
    return [ok('gateway.address', `The gateway listens on ${host}, which only this machine reaches.`)];
  }
  return [
    open(
      'gateway.address',
      `The gateway listens on ${host} without TLS: keys and calls cross the network in the open.`,
      'Set host to 127.0.0.1, put a proxy with TLS in front, and name it in allowedHosts.',
    ),
    allowedHosts.length === 0
      ? look(
          'gateway.names',
          'On the network the gateway answers to any name, so a web page can have its own name point to it.',
          'Name those it is known by in allowedHosts.',
        )
      : ok('gateway.names', `The gateway answers to ${allowedHosts.join(', ')} and to loopback’s names.`),
  ];
}

function checkRetention({ retention }: Config): Finding[] {
  return [
    retention.textDays === undefined
      ? look(
          'retention',
          'The words of calls are kept for ever.',
          'Set retention.textDays to as many days as they are needed.',
        )
      : ok('retention', `The words of calls are deleted after ${retention.textDays} days.`),
  ];
}

function checkTasks({ tasks }: Config): Finding[] {
  const off = Object.entries(tasks).flatMap(([name, { redaction }]) =>
    redaction ? [`${name} ("${redaction.off}")`] : [],
  );
  return [
    off.length === 0
      ? ok('redaction', 'Personal data is taken out of every task’s texts before they are stored.')
      : look(
          'redaction',
          `Texts are stored with their personal data in ${off.join(', ')}.`,
          'Remove redaction.off where the reason does not hold any more.',
        ),
  ];
}

function checkProviders(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Finding[] {
  const findings: Finding[] = [];
  const used = usedProviders(config);
  for (const [name, { baseUrl, apiKeyEnv, terms, jurisdiction }] of Object.entries(config.providers)) {
    if (baseUrl === undefined) continue;
    const url = new URL(baseUrl);
    const isHere = isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
    const check = (what: string) => `providers.${name}.${what}`;
    if (url.protocol === 'http:' && !isHere) {
      findings.push(
        open(
          check('tls'),
          `${name} is asked over http: its key and every call cross the network in the open.`,
          'Use its https address.',
        ),
      );
    } else findings.push(ok(check('tls'), `${name} is asked over ${isHere ? 'loopback' : 'https'}.`));
    if (apiKeyEnv !== undefined && used.has(name) && !environment[apiKeyEnv]) {
      findings.push(
        look(
          check('key'),
          `${apiKeyEnv} is not set here; where the gateway is started it must be.`,
          `Set ${apiKeyEnv} in the gateway's environment, from a secret store.`,
        ),
      );
    }
    if (isHere) continue;
    findings.push(
      terms === undefined
        ? look(
            check('terms'),
            `Nothing is said of what the terms of ${name} allow.`,
            `Read them and set providers.${name}.terms: without them no student may be given away, and maybe none made.`,
          )
        : ok(check('terms'), `The terms of ${name} have been read.`),
    );
    if (jurisdiction === undefined) {
      findings.push(
        look(
          check('jurisdiction'),
          `Nothing is said of the law that ${name} answers under.`,
          `Set providers.${name}.jurisdiction.`,
        ),
      );
    }
  }
  return findings;
}
