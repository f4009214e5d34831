import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notYetAsked } from './ask.ts';
import { cut, divide, type Mail, mailText } from './mails.ts';

const mail = (kin: string, id = kin): Mail => ({ id, kin, text: kin, label: 'ham' });

describe('mailText', () => {
  it('is the subject and the words, without the headers that tell where a mail came from', async () => {
    const raw = [
      'Return-Path: <owner@list.example>',
      'Delivered-To: spamtrap@trap.example',
      'X-Spam-Status: Yes',
      'List-Id: <ilug.linux.ie>',
      'From: Ann <ann@example.org>',
      'Subject: =?iso-8859-1?Q?Gr=FC=DFe?=',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<p>Hello=20<b>there</b></p><p>See=20you</p>',
    ].join('\r\n');
    expect(await mailText(raw)).toBe('Subject: Grüße\n\nHello there\n\nSee you');
  });

  it('takes a mail without anything', async () => {
    expect(await mailText('')).toBe('Subject:');
  });
});

describe('cut', () => {
  it('never makes a text longer than asked, and never tears a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 1, max: 200 }),
        (text, most) => {
          const short = cut(text, most);
          expect(short.length).toBeLessThanOrEqual(most);
          expect(text.startsWith(short)).toBe(true);
          expect(short).not.toMatch(/[\uD800-\uDBFF]$/);
          if (text.length <= most) expect(short).toBe(text);
        },
      ),
    );
  });

  it('ends with a whole line, or else a whole word', () => {
    expect(cut('one two three four\nfive', 20)).toBe('one two three four');
    expect(cut('one two three four five', 20)).toBe('one two three four');
  });
});

describe('divide', () => {
  const mails = fc
    .array(fc.integer({ min: 0, max: 40 }), { maxLength: 120 })
    .map((kins) => kins.map((kin, i) => mail(`kin ${kin}`, `mail ${i}`)));

  it('loses no mail, parts no family, and fills the recorded side as far as families allow', () => {
    fc.assert(
      fc.property(mails, fc.integer({ min: 0, max: 120 }), fc.integer(), (all, wanted, seed) => {
        const { recorded, unseen } = divide(all, wanted, seed);
        expect([...recorded, ...unseen].map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
        expect(recorded.length).toBeLessThanOrEqual(wanted);
        const kins = new Set(recorded.map(({ kin }) => kin));
        expect(unseen.some(({ kin }) => kins.has(kin))).toBe(false);
      }),
    );
  });

  it('depends on the seed and not on the order in which the mails are read', () => {
    const all = Array.from({ length: 200 }, (_, i) => mail(`kin ${i}`));
    const ids = (side: Mail[]) => side.map(({ id }) => id).sort();
    expect(ids(divide(all.toReversed(), 100, 0).recorded)).toEqual(ids(divide(all, 100, 0).recorded));
    expect(ids(divide(all, 100, 1).recorded)).not.toEqual(ids(divide(all, 100, 0).recorded));
  });
});

describe('notYetAsked', () => {
  it('counts a mailing that was sent twice as two', () => {
    const twice = [mail('a', '1'), mail('a', '2'), mail('b', '3')];
    expect(notYetAsked(twice, new Map()).map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(notYetAsked(twice, new Map([['a', 1]])).map(({ id }) => id)).toEqual(['2', '3']);
    expect(
      notYetAsked(
        twice,
        new Map([
          ['a', 2],
          ['b', 1],
        ]),
      ),
    ).toEqual([]);
  });
});
