/**
 * An explanation as a page: the text with its words marked, what they weigh, and the examples that are like it.
 *
 * @module
 */
import { HeadedTable, MarkedText } from '@kolben/console/charts';
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
      <HeadedTable heads={['Word', 'speaks', { n: 'share' }, { n: 'error' }, { n: 'missing alone' }]}>
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
      </HeadedTable>
    </section>
  );
}

function Near({ explanation }: { readonly explanation: WholeExplanation }) {
  const { neighbours, neighboursFrom, neighboursMissing } = explanation;
  return (
    <section>
      <h2>What it learned from that is like it</h2>
      {neighbours ? (
        <HeadedTable
          caption={`${
            neighbours.by === 'student'
              ? 'By the scores that the student weighs its answers with.'
              : 'By the n-grams of their words.'
          } From ${neighboursFrom ?? 'the examples given'}.`}
          heads={['Text', 'teacher’s answer', { n: 'likeness' }]}
        >
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
        </HeadedTable>
      ) : (
        <p>None can be shown: {neighboursMissing ?? 'none were given'}.</p>
      )}
    </section>
  );
}
