/**
 * An explanation as a page: the text with its words marked, what they weigh, and the examples that are like it.
 *
 * @module
 */
import { MarkedText } from '@kolben/console/charts';
import { meaning, service, type WholeExplanation } from '../explain/in-words.ts';
import { percent, signed } from '../progress/words.ts';
import { renderPage } from './page.tsx';

/** More words than this weigh too little to be read. */
const mostWords = 30;

export function renderExplanation(explanation: WholeExplanation, task: string): string {
  const { answer, confidence, runnerUp, student } = explanation;
  return renderPage({
    title: `Kolben: why ${answer}`,
    header: (
      <header>
        <p className="eyebrow">
          Kolben · task <bdi>{task}</bdi>
        </p>
        <h1>
          Why <bdi>{answer}</bdi>
        </h1>
        <p className="lead">
          Confidence <strong>{percent(confidence)}</strong>; {service(explanation)}.
          {runnerUp && (
            <>
              {' '}
              Otherwise it would have said <bdi>{runnerUp.answer}</bdi> ({percent(runnerUp.confidence)}).
            </>
          )}
        </p>
      </header>
    ),
    main: (
      <>
        <Decided explanation={explanation} />
        <Near explanation={explanation} />
        <section>
          <h2>Where it comes from</h2>
          <dl className="facts">
            <dt>Digest of the student</dt>
            <dd>
              <code>{student}</code>
            </dd>
          </dl>
        </section>
      </>
    ),
  });
}

function Decided({ explanation }: { readonly explanation: WholeExplanation }) {
  const { text, words } = explanation;
  const ranked = [...words].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  return (
    <section>
      <h2>What in the text decided</h2>
      <MarkedText text={text} words={words} />
      <p>{meaning(explanation)} What speaks for the answer and what against it adds up to the difference.</p>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Word</th>
              <th scope="col">speaks</th>
              <th scope="col" className="n">
                share
              </th>
              <th scope="col" className="n">
                error
              </th>
              <th scope="col" className="n">
                missing alone
              </th>
            </tr>
          </thead>
          <tbody>
            {ranked.slice(0, mostWords).map((word) => (
              <tr key={word.start}>
                <td>
                  <bdi>{word.text}</bdi>
                </td>
                <td>{word.contribution >= 0 ? 'for it' : 'against it'}</td>
                <td className="n">{signed(word.contribution)}</td>
                <td className="n">{word.error === null ? '–' : word.error.toFixed(2)}</td>
                <td className="n">{signed(word.alone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Near({ explanation }: { readonly explanation: WholeExplanation }) {
  const { neighbours, neighboursFrom, neighboursMissing } = explanation;
  return (
    <section>
      <h2>What it learned from that is like it</h2>
      {neighbours ? (
        <div className="scroll">
          <table>
            <caption>
              {neighbours.by === 'student'
                ? 'By the scores that the student weighs its answers with.'
                : 'By the n-grams of their words.'}{' '}
              From {neighboursFrom ?? 'the examples given'}.
            </caption>
            <thead>
              <tr>
                <th scope="col">Text</th>
                <th scope="col">teacher’s answer</th>
                <th scope="col" className="n">
                  likeness
                </th>
              </tr>
            </thead>
            <tbody>
              {neighbours.examples.map((near, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two examples may be the same, and none moves
                <tr key={i}>
                  <td>
                    <bdi>{near.text}</bdi>
                  </td>
                  <td>
                    <bdi>{near.answer}</bdi>
                  </td>
                  <td className="n">{near.similarity.toFixed(2)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p>None can be shown: {neighboursMissing ?? 'none were given'}.</p>
      )}
    </section>
  );
}
