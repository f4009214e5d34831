import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText } from './escape-text.ts';
import { renderReport } from './render-report.tsx';
import { sampleReport } from './testing/sample-report.ts';
import { readMarkup } from './testing/well-formed.ts';

const hostile = `</style></title><script>alert(1)</script><img src=x onerror="alert(1)">' " & &lt; \u202Egnp.exe\u0000\uD800`;

describe('renderReport', () => {
  it('is well-formed, with every section', () => {
    const page = renderReport(sampleReport());
    const elements = readMarkup(page);
    const names = elements.map(({ name }) => name);
    expect(names.filter((name) => name === 'h1')).toHaveLength(1);
    expect(names.filter((name) => name === 'h2')).toHaveLength(8);
    for (const sentence of [
      'The student answered 2,101 of 2,514 mails it had never seen.',
      'This teacher is not a language model.',
      'at least <strong>95\u00A0%</strong>',
      '2.13\u00A0%',
      'Agreement is not truth',
      '$0.0713',
      '0.8 points above the linear model',
      "84,000 a second; padding, which they don't count, is 4.2\u00A0% of the positions computed",
      'npm run quickstart',
      'A step takes 9.0 ms as measured and 8.9 ms as simulated.',
    ]) {
      expect(page).toContain(sentence);
    }
  });

  it('asks nothing of anybody: no address, no script, no source, and a policy that forbids them', () => {
    for (const page of [renderReport(sampleReport()), renderReport(sampleReport({ task: 'http' }))]) {
      expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|\/\/|url\(|@import/i);
      const elements = readMarkup(page);
      const forbidden = [
        'script',
        'link',
        'img',
        'iframe',
        'object',
        'embed',
        'form',
        'base',
        'audio',
        'video',
        'use',
        'image',
      ];
      expect(elements.filter(({ name }) => forbidden.includes(name))).toEqual([]);
      for (const { attributes } of elements) {
        const names = [...attributes.keys()];
        expect(names.filter((name) => /^on|^(src|href|xlink:href|srcset|action|style)$/.test(name))).toEqual(
          [],
        );
      }
      const policy = elements.find(
        ({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy',
      );
      expect(policy?.attributes.get('content')).toMatch(
        /^default-src &#39;none&#39;; style-src &#39;sha256-/,
      );
    }
  });

  it('allows exactly the style sheets that it holds', () => {
    const page = renderReport(sampleReport());
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    const allowed = [...policy.matchAll(/'sha256-([^']+)'/g)].map(([, digest]) => digest);
    const sheets = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, sheet]) => sheet!);
    const digests = sheets.map((sheet) => createHash('sha256').update(sheet).digest('base64'));
    expect(sheets).toHaveLength(1);
    expect(new Set(allowed)).toEqual(new Set(digests));
  });

  it('shows hostile words as words, wherever they stand', () => {
    const page = renderReport(
      sampleReport({
        task: hostile,
        labels: [hostile, 'ham'],
        command: hostile,
        teacher: { name: hostile, kind: 'model', about: hostile },
        certificate: null,
        reason: hostile,
        lineage: { student: hostile, digest: hostile, datasetDigest: hostile, seed: 0 },
        machine: { cpu: hostile, cores: 1, memoryGiB: 1, node: hostile, system: hostile },
        test: {
          n: 2,
          agreement: 0.5,
          interval: [0.01, 0.99],
          confusion: {
            labels: [hostile, 'ham'],
            counts: [
              [1, 1],
              [0, 0],
            ],
          },
        },
      }),
    );
    const elements = readMarkup(page);
    expect(elements.some(({ name }) => name === 'script' || name === 'img')).toBe(false);
    expect(page).not.toMatch(/[\u202E\p{Cs}]|[^\P{Cc}\n]/u);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('draws the measured and the simulated steps in one picture', () => {
    const page = renderReport(sampleReport());
    expect(page).toContain(
      'Measured: 18 ms on 2 chips, 44.4\u00A0% of the time at work; Simulated: 18 ms on 2 chips, ',
    );
    // Both stand on one axis: what took as long is as wide.
    const chart = page.slice(page.indexOf('What the chips did'), page.indexOf('A step takes'));
    expect(chart.match(/<path d="M[^>]*><title>/g)).toHaveLength(16);
    expect(chart).toContain(
      'd="M0.00 42H111.11V64H0.00Z"><title>Chip 1, F: forward, stage 1, microbatch 1, from 0.00 ms for 2.00 ms<',
    );
    expect(chart).toContain('<bdi>Simulated, chip 2</bdi>');
  });

  it('tells a training without a service, without a certificate and without a timeline', () => {
    const { service: _service, ...data } = sampleReport({ certificate: null, reason: 'Too few examples.' });
    const { timeline: _timeline, ...training } = data.training;
    const page = renderReport({ ...data, training });
    readMarkup(page);
    expect(page).toContain('The student agrees with the teacher on 97.2\u00A0% of the test examples.');
    expect(page).toContain('No certificate');
    expect(page).toContain('Too few examples.');
    expect(page).not.toContain('What the chips did');
  });

  it('tells a service in which the student answered nothing', () => {
    const service = {
      ...sampleReport().service!,
      answeredByStudent: 0,
      checked: 0,
      agreed: 0,
      interval: [0, 1] as [number, number],
    };
    const page = renderReport(
      sampleReport({ service: { ...service, latency: { ...service.latency, student: null } } }),
    );
    readMarkup(page);
    expect(page).toContain('The student answered 0 of 2,514 mails');
    expect(page).not.toContain('NaN');
  });

  it('lists the mix-ups where a table of all labels would fit no page', () => {
    const labels = Array.from({ length: 77 }, (_, i) => `label ${i}`);
    const counts = labels.map((_, i) => labels.map((_, j) => (i === j ? 10 : i === 3 && j === 5 ? 7 : 0)));
    const page = renderReport(
      sampleReport({
        labels,
        test: { n: 777, agreement: 0.99, interval: [0.98, 0.995], confusion: { labels, counts } },
      }),
    );
    readMarkup(page);
    expect(page).toContain('<td><bdi>label 3</bdi></td><td><bdi>label 5</bdi></td><td class="n">7</td>');
    expect(page).toContain('and 57 more');
  });
});

describe('escapeText', () => {
  it('leaves no way out of an element or a quoted attribute, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const elements = readMarkup(`<p title="${escapeText(text)}">${escapeText(text)}</p>`);
        expect(elements).toHaveLength(1);
      }),
    );
  });
});
