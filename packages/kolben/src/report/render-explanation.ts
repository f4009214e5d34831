/**
 * An explanation as a page: the text with its words marked, what they weigh, and the examples that are like it.
 *
 * @module
 */
import { meaning, service, signed, type WholeExplanation } from '../explain/in-words.ts';
import { percent } from '../progress/words.ts';
import { html, type Markup } from './html.ts';
import { renderPage } from './page.ts';

/** Weaker words stay unmarked, as shares of the strongest. */
const marked = 0.1;
const strong = 0.5;

/** The text with each word marked by what it contributes. */
export function markedText({ text, words }: Pick<WholeExplanation, 'text' | 'words'>): Markup {
  const strongest = Math.max(...words.map(({ contribution }) => Math.abs(contribution)), 1e-12);
  const pieces: (Markup | string)[] = [];
  let from = 0;
  for (const { start, end, contribution } of words) {
    const weight = Math.abs(contribution) / strongest;
    pieces.push(text.slice(from, start));
    const word = text.slice(start, end);
    const side = contribution > 0 ? 'for' : 'against';
    pieces.push(
      weight < marked
        ? word
        : html`<mark class="${side}${weight >= strong ? ' strongly' : ''}" title="${signed(contribution)}">${word}</mark>`,
    );
    from = end;
  }
  pieces.push(text.slice(from));
  return html`<p class="explained" dir="auto">${pieces}</p>`;
}

export function renderExplanation(explanation: WholeExplanation, task: string): string {
  const { answer, confidence, runnerUp, words, neighbours, student } = explanation;
  const ranked = [...words].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  return renderPage({
    title: `Kolben: why ${answer}`,
    header: html`<header>
    <p class="eyebrow">Kolben · task <bdi>${task}</bdi></p>
    <h1>Why <bdi>${answer}</bdi></h1>
    <p class="lead">Confidence <strong>${percent(confidence)}</strong>; ${service(explanation)}.${runnerUp && html` Otherwise it would have said <bdi>${runnerUp.answer}</bdi> (${percent(runnerUp.confidence)}).`}</p>
  </header>`,
    main: [
      html`<section>
    <h2>What in the text decided</h2>
    ${markedText(explanation)}
    <p>${meaning(explanation)} What speaks for the answer and what against it adds up to the difference.</p>
    <div class="scroll"><table>
      <thead><tr><th scope="col">Word</th><th scope="col">speaks</th><th scope="col" class="n">share</th><th scope="col" class="n">error</th><th scope="col" class="n">missing alone</th></tr></thead>
      <tbody>${ranked
        .slice(0, 30)
        .map(
          (word) =>
            html`<tr><td><bdi>${word.text}</bdi></td><td>${word.contribution >= 0 ? 'for it' : 'against it'}</td><td class="n">${signed(word.contribution)}</td><td class="n">${word.error === null ? '–' : word.error.toFixed(2)}</td><td class="n">${signed(word.alone)}</td></tr>`,
        )}</tbody>
    </table></div>
  </section>`,
      html`<section>
    <h2>What it learned from that is like it</h2>
    ${
      neighbours
        ? html`<div class="scroll"><table>
      <thead><tr><th scope="col">Text</th><th scope="col">teacher’s answer</th><th scope="col" class="n">likeness</th></tr></thead>
      <tbody>${neighbours.examples.map((near) => html`<tr><td><bdi>${near.text}</bdi></td><td><bdi>${near.answer}</bdi></td><td class="n">${near.similarity.toFixed(2)}</td></tr>`)}</tbody>
      <caption>${neighbours.by === 'student' ? 'By the scores that the student weighs its answers with.' : 'By the n-grams of their words.'} From ${explanation.neighboursFrom ?? 'the examples given'}.</caption>
    </table></div>`
        : html`<p>None can be shown: ${explanation.neighboursMissing ?? 'none were given'}.</p>`
    }
  </section>`,
      html`<section>
    <h2>Where it comes from</h2>
    <dl class="facts"><dt>Digest of the student</dt><dd><code>${student}</code></dd></dl>
  </section>`,
    ],
  });
}
