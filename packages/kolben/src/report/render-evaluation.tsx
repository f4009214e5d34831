/**
 * An evaluation as a page: when a student can be relied on, where it can't, and whether its inputs have changed.
 *
 * @module
 */
import { HeadedTable, MarkedText, MixUpTable, ReliabilityDiagram, RiskCurve } from '@kolben/console/charts';
import type {
  Certificate,
  Divergence,
  Drift,
  EvalDetails,
  EvalReport,
  Explanation,
  Judged,
} from '@kolben/distill';
import { count, counted, milliseconds, percent, plainPercent } from '../progress/words.ts';
import { renderPage } from './page.tsx';

export interface EvaluationPage {
  readonly report: EvalReport & { readonly details: EvalDetails };
  readonly task: string;
  /** What the examples are called. */
  readonly source: string;
  readonly digest: string;
  readonly certificate: Certificate | null;
  /** Of the disagreements, some with what decided: by their text. */
  readonly explained: ReadonlyMap<string, Explanation>;
}

export function renderEvaluation({
  report,
  task,
  source,
  digest,
  certificate,
  explained,
}: EvaluationPage): string {
  const { details } = report;
  return renderPage({
    title: `Kolben: evaluation of ${task}`,
    header: (
      <header>
        <p className="eyebrow">
          Kolben · task <bdi>{task}</bdi>
        </p>
        <h1>
          The student agrees with the teacher on {percent(report.agreement)} of {counted(report.n, 'example')}
          .
        </h1>
        <p className="lead">{answered(report)}</p>
        <dl className="figures">
          <Figure label="agreement on all" value={percent(report.agreement)} />
          <Figure label="answered under the certificate" value={percent(report.coverage)} />
          <Figure label="calibration error" value={percent(details.calibrationError)} />
          <Figure label="median time of one answer" value={milliseconds(report.latencyMs.p50)} />
        </dl>
      </header>
    ),
    main: (
      <>
        <Risk report={report} certificate={certificate} />
        <section>
          <h2>Whether its confidence is honest</h2>
          <figure>
            <ReliabilityDiagram bins={details.reliability} />
            <figcaption>
              Bars: the share of answers that the teacher agrees with, by confidence. Dots: what the
              confidence promised. Expected calibration error {percent(details.calibrationError, 2)}.
            </figcaption>
          </figure>
        </section>
        <Apart details={details} />
        <WorthReading surest={details.surest} explained={explained} />
        <DriftSection found={details.drift} />
        <section>
          <h2>Where it comes from</h2>
          <dl className="facts">
            <dt>Examples</dt>
            <dd>
              <code>{source}</code>
            </dd>
            <dt>Digest of the student</dt>
            <dd>
              <code>{digest}</code>
            </dd>
          </dl>
        </section>
      </>
    ),
  });
}

function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function answered({ answered, coverage, disagreementAmongAnswered, upperBound95 }: EvalReport): string {
  if (disagreementAmongAnswered === null || upperBound95 === null)
    return 'No answer reached the threshold of a certificate: in a cascade the teacher would answer them all.';
  return `In a cascade it would answer ${count(answered)} of them (${percent(coverage)}) and disagree with the teacher on ${percent(disagreementAmongAnswered, 2)} of these, at most ${percent(upperBound95, 2)} with 95 % confidence.`;
}

function Risk({ report, certificate }: Pick<EvaluationPage, 'report' | 'certificate'>) {
  const { details, disagreementAmongAnswered: disagreement, coverage } = report;
  return (
    <section>
      <h2>How much it can answer, at which risk</h2>
      <figure>
        <RiskCurve
          points={details.riskCoverage}
          certified={disagreement === null ? null : { coverage, disagreement }}
          alpha={certificate?.alpha ?? null}
        />
        <figcaption>
          Across: the share of the examples that is answered, the surest first. Up: on how many of these
          student and teacher disagree.{' '}
          {certificate ? 'The dot is where the certificate’s threshold lies.' : 'There is no certificate.'}{' '}
          Mean over all coverages: {percent(details.riskArea, 2)}.
        </figcaption>
      </figure>
    </section>
  );
}

function Apart({ details: { confused, labels, paths, disagreements } }: { readonly details: EvalDetails }) {
  return (
    <section>
      <h2>Where they part</h2>
      {disagreements === 0 && <p>Nowhere: student and teacher agree on every example.</p>}
      {disagreements > 0 && confused && labels && (
        <div className="two">
          <MixUpTable
            caption={`The most frequent mix-ups, of ${counted(disagreements, 'disagreement')}.`}
            mixUps={confused}
          />
          <HeadedTable
            heads={['Teacher said', { n: 'examples' }, { n: 'agreement' }]}
            caption="The labels that stand for the most disagreements."
          >
            {labels.map(({ label, n, agreement }) => (
              <tr key={label}>
                <td>
                  <bdi>{label}</bdi>
                </td>
                <td className="n">{count(n)}</td>
                <td className="n">{percent(agreement)}</td>
              </tr>
            ))}
          </HeadedTable>
        </div>
      )}
      {disagreements > 0 && paths && (
        <HeadedTable
          heads={['Path', { n: 'answers that have it' }, { n: 'agreement' }]}
          caption="How often the values at each path of the JSON are the same."
        >
          {paths.map(({ path, n, agreement }) => (
            <tr key={path}>
              <td>
                <code>{path}</code>
              </td>
              <td className="n">{count(n)}</td>
              <td className="n">{percent(agreement)}</td>
            </tr>
          ))}
        </HeadedTable>
      )}
      {disagreements > 0 && !confused && !paths && <p>{counted(disagreements, 'disagreement')}.</p>}
    </section>
  );
}

function WorthReading({
  surest,
  explained,
}: {
  readonly surest: readonly Judged[];
  readonly explained: ReadonlyMap<string, Explanation>;
}) {
  if (surest.length === 0) return null;
  return (
    <section>
      <h2>Disagreements worth reading</h2>
      <p>
        The student was surest of these. Some will be its errors, and some the teacher’s.
        {explained.size > 0 &&
          ' In the first ones, what speaks for its answer and what against it is marked.'}
      </p>
      <HeadedTable
        heads={['Text', 'teacher', 'student', { n: 'confidence' }]}
        caption="✓: answered under the certificate."
      >
        {surest.map(({ text, teacher, student, confidence, certified }, i) => {
          const why = explained.get(text);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: two texts may be the same, and none moves
            <tr key={i}>
              <td>{why ? <MarkedText text={why.text} words={why.words} /> : <bdi>{shortened(text)}</bdi>}</td>
              <td>
                <bdi>{shortened(teacher)}</bdi>
              </td>
              <td>
                <bdi>{shortened(student)}</bdi>
              </td>
              <td className="n">
                {percent(confidence)}
                {certified && ' ✓'}
              </td>
            </tr>
          );
        })}
      </HeadedTable>
    </section>
  );
}

const shortened = (text: string) => {
  const characters = [...text];
  return characters.length <= 400 ? text : `${characters.slice(0, 399).join('')}…`;
};

function DriftSection({ found }: { readonly found: Drift | null }) {
  if (found === null)
    return (
      <section>
        <h2>Whether the inputs have changed</h2>
        <p>
          That cannot be said: the student’s folder tells nothing of its own test split. Students that are
          distilled from now on do.
        </p>
      </section>
    );
  const { confidence, answers, unknownWords, moved } = found;
  const tenths = (share: number) => plainPercent(Math.round(share * 1000) / 1000);
  return (
    <section>
      <h2>Whether the inputs have changed</h2>
      <p>Against the test split that the student was measured on when it was made.</p>
      <HeadedTable
        heads={['Distribution', { n: 'divergence' }, { n: 'by chance up to' }, 'verdict']}
        caption="Jensen–Shannon divergence in bits: 0 is alike, 1 has nothing in common."
      >
        <DivergenceRow name="of confidence" {...confidence} />
        {answers && <DivergenceRow name="of answers" {...answers} />}
      </HeadedTable>
      {unknownWords && (
        <p>
          Words that the student has no vector for: {percent(unknownWords.now)} here,{' '}
          {percent(unknownWords.before)} then.
        </p>
      )}
      {moved.length > 0 && (
        <HeadedTable
          heads={['Answer', { n: 'then' }, { n: 'here' }]}
          caption="The answers whose share has changed most."
        >
          {moved.map(({ answer, before, now }) => (
            <tr key={answer}>
              <td>
                <bdi>{shortened(answer)}</bdi>
              </td>
              <td className="n">{tenths(before)}</td>
              <td className="n">{tenths(now)}</td>
            </tr>
          ))}
        </HeadedTable>
      )}
    </section>
  );
}

function DivergenceRow({ name, divergence, byChance, drifted }: Divergence & { readonly name: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="n">{divergence.toFixed(3)}</td>
      <td className="n">{byChance.toFixed(3)}</td>
      <td>{drifted ? <strong>changed</strong> : 'no more than by chance'}</td>
    </tr>
  );
}
