/**
 * `kolben doctor`: looks at a running installation and says what is open.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { openStore } from '@kolben/store';
import { defineKolbenCommand } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { findConfig } from '../config/find-config.ts';
import { hasStore } from '../config/has-store.ts';
import { chooseStore, storeArgs } from '../config/with-store.ts';
import { checkConfig } from '../doctor/check-config.ts';
import { checkFiles } from '../doctor/check-files.ts';
import { checkGateway } from '../doctor/check-gateway.ts';
import { checkProcess } from '../doctor/check-process.ts';
import { checkStore } from '../doctor/check-store.ts';
import { type Finding, notChecked } from '../doctor/finding.ts';
import { counted } from '../progress/words.ts';

const marks: Record<Finding['state'], string> = {
  ok: '✓',
  'worth a look': '!',
  open: '✗',
  'not checked': '–',
};

export const doctor = defineKolbenCommand({
  name: 'doctor',
  description: 'look at a running installation and say what is open, with the way out',
  examples: ['kolben doctor', 'KOLBEN_ADMIN_KEY=kb-… kolben doctor --gateway https://ai.example.org --json'],
  args: {
    gateway: {
      type: 'string',
      description: "the gateway's address; by default the configuration's",
      valueHint: 'url',
    },
    ...storeArgs,
  },
  async run(args, context) {
    const { config, store: options } = await chooseStore(args, context.cwd);
    const { directory } = options;
    const url = args.gateway ?? (config && addressOf(config));
    if (url !== undefined && (!/^https?:\/\//.test(url) || !URL.canParse(url)))
      throw new UsageError(`--gateway must be an address such as http://127.0.0.1:4141; it was '${url}'.`);
    const { probeGateway } = await import('@kolben/gateway');
    const now = new Date();
    const probed = url === undefined ? undefined : await probeGateway(url, process.env.KOLBEN_ADMIN_KEY);
    const findings: Finding[] = [];
    findings.push(...checkProcess(process.env, process.getuid?.()));
    if (config) findings.push(...checkConfig(config, process.env));
    // Looking must not make a store.
    if (hasStore(options)) {
      const store = await openStore(options);
      try {
        findings.push(...checkFiles(directory, findConfig(context.cwd, args.config), process.env));
        findings.push(...(await checkStore(store, config, now, probed?.isKolben === true)));
      } finally {
        await store.close();
      }
    } else {
      findings.push(
        notChecked(
          'store',
          `There is no store in ${directory} yet.`,
          'The first command that needs one makes it.',
        ),
      );
    }
    if (url !== undefined && probed) findings.push(...checkGateway(url, probed, config, directory, now));
    const inState = (state: Finding['state']) => findings.filter((finding) => finding.state === state);
    const openOnes = inState('open');
    const sum = `${counted(openOnes.length, 'point')} open, ${inState('worth a look').length} worth a look, ${inState('ok').length} as they should be, ${inState('not checked').length} not checked.`;
    return {
      json: {
        open: openOnes.length,
        worthALook: inState('worth a look').length,
        findings,
      },
      text: `${findings.map(inWords).join('\n')}\n\n${sum}`,
      ...(openOnes.length > 0 && {
        failure: new KolbenError(
          'doctor_open',
          `${counted(openOnes.length, 'point')} must not stay so: ${openOnes.map(({ check }) => check).join(', ')}.`,
        ),
      }),
    };
  },
});

function addressOf({ host, port }: { host: string; port: number }): string | undefined {
  // 0 lets the system choose, so nobody knows it from here.
  if (port === 0) return undefined;
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

function inWords({ state, check, says, remedy }: Finding): string {
  return `${marks[state]} ${check}: ${says}${remedy === undefined ? '' : `\n    ${remedy}`}`;
}
