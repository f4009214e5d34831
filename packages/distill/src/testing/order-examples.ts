/**
 * A small extraction for tests, made from a seed: orders by mail in German and English, and what stands in them. There is
 * a bit of everything: a choice, spans, numbers that are written in several ways, dates, null, an array of objects.
 *
 * @module
 */
import { randomStream, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';

const firstNames = [
  'Anna',
  'Jonas',
  'Mira',
  'Paul',
  'Lena',
  'Tom',
  'Zoe',
  'Max',
  'Ida',
  'Jörg',
  'Ute',
  'Ravi',
];
const lastNames = [
  'Müller',
  'Smith',
  'Weber',
  'Novak',
  'Huber',
  'Brown',
  'Gruber',
  'Jones',
  'Wolf',
  'Steiner',
];
const goods = [
  'Schrauben',
  'Dübel',
  'hex nuts',
  'Winkel aus Stahl',
  'paint rollers',
  'Kabelbinder',
  'wood glue',
  'Pinsel',
  'sanding paper',
  'Dichtungen',
];
const colours = { rot: 'red', red: 'red', blau: 'blue', blue: 'blue', grün: 'green', green: 'green' };

const openings = [
  'Guten Tag, hier ist {name}. Bitte liefern Sie {items}.',
  'Hello, this is {name}. Please send {items}.',
  '{name} bestellt {items}.',
  'I would like to order {items}. Regards, {name}',
  'Wir brauchen {items}, Grüße {name}.',
];
const cancellations = [
  'Bitte stornieren Sie meine Bestellung, {name}.',
  'Please cancel the order of {name}.',
  'cancel everything. {name}',
];
const dates = [' Liefertermin: {date}.', ' Delivery by {date}.', ''];
const colourNotes = [' Farbe bitte {colour}.', ' Paint it {colour}.', ''];

/** Answers as a teacher writes them: keys in an order of their own. */
export function orderExamples(count: number, seed = 0): Example[] {
  const draw = randomStream(seed, 'orders');
  const pick = <T>(list: readonly T[]): T => list[Math.floor(uniform(draw) * list.length)];
  return Array.from({ length: count }, (): Example => {
    const customer = `${pick(firstNames)} ${pick(lastNames)}`;
    const cancels = uniform(draw) < 0.2;
    const items = Array.from({ length: cancels ? 0 : 1 + Math.floor(uniform(draw) * 3) }, () => ({
      quantity: 2 + Math.floor(uniform(draw) * 98),
      product: pick(goods),
    }));
    const said = items.map(({ quantity, product }) => `${quantity}${pick([' ', 'x ', ' Stück '])}${product}`);
    const [day, month] = [1 + Math.floor(uniform(draw) * 28), 1 + Math.floor(uniform(draw) * 12)];
    const dateNote = cancels ? '' : pick(dates);
    const colourNote = cancels ? '' : pick(colourNotes);
    const colour = pick(Object.keys(colours) as (keyof typeof colours)[]);
    const text = (pick(cancels ? cancellations : openings) + dateNote + colourNote)
      .replace('{name}', customer)
      .replace('{items}', said.join(pick([', ', ' und ', ' and '])))
      .replace('{date}', `${day}.${month}.2026`)
      .replace('{colour}', colour);
    const iso = `2026-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    const answer = {
      intent: cancels ? 'cancel' : 'order',
      customer: { name: customer },
      items,
      delivery: dateNote === '' ? null : iso,
      ...(colourNote === '' ? {} : { colour: colours[colour] }),
    };
    return {
      messages: [
        { role: 'system', content: 'Extract the order as JSON.' },
        { role: 'user', content: text },
      ],
      answer: JSON.stringify(answer),
      extra: {},
    };
  });
}
