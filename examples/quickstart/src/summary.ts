/**
 * The end of the run on the terminal: what it did, in a screenful.
 *
 * @module
 */
import {
  count,
  counted,
  dollars,
  duration,
  milliseconds,
  percent,
  plainPercent,
  type ReportData,
} from 'kolben';

export function summary(data: ReportData): string {
  const service = data.service!;
  const { certificate, training, test, baselines } = data;
  const { student, teacher } = service.latency;
  const share = service.asked === 0 ? 0 : service.answeredByStudent / service.asked;
  const saved = service.cost.teacherAlone - service.cost.paid;
  const rows: [string, string][] = [
    [
      'recorded',
      `${count(data.calls ?? 0)} calls answered by ${data.teacher.name}${data.teacher.kind === 'replay' ? ', a replay of human labels, not a language model' : ''}`,
    ],
    [
      'trained',
      `${duration(training.seconds)} on ${counted(training.chips, 'chip')}, ${counted(training.steps, 'step')}, ${percent(training.bubble)} waiting`,
    ],
    [
      'test',
      `${percent(test.agreement)} agreement with the teacher; linear n-gram model ${percent(baselines.ngramLinear ?? 0)}, most frequent label ${percent(baselines.majority)}`,
    ],
    [
      'certified',
      certificate
        ? `≤ ${plainPercent(certificate.alpha)} disagreement where the student answers, about ${percent(certificate.coverage)} of calls`
        : `nothing: ${data.reason ?? 'the student earned no certificate'}`,
    ],
    [
      'answered',
      `by the student: ${count(service.answeredByStudent)} of ${count(service.asked)} mails it had never seen (${percent(share)})`,
    ],
  ];
  if (service.checked > 0) {
    const [low, high] = service.interval;
    rows.push([
      'agreed',
      `${count(service.agreed)} of ${count(service.checked)} of those (${percent(service.agreed / service.checked)}; 95 % interval ${percent(low)} to ${percent(high)})`,
    ]);
  }
  if (student && teacher) {
    rows.push([
      'took',
      `student p50 ${milliseconds(student.p50)}, p99 ${milliseconds(student.p99)}; teacher p50 ${milliseconds(teacher.p50)}, p99 ${milliseconds(teacher.p99)}`,
    ]);
  }
  rows.push([
    'cost',
    `${dollars(service.cost.paid)}; the teacher alone ${dollars(service.cost.teacherAlone)}; saved ${dollars(saved)} (${data.teacher.price?.source.replace(/\.$/, '') ?? 'prices unknown'})`,
  ]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = [...rows.map(([name, words]) => `  ${name.padEnd(width)}  ${words}`)];
  if (service.checked > 0) lines.push('', ...confusionLines(service.confusion));
  return lines.join('\n');
}

function confusionLines({ labels, counts }: { labels: string[]; counts: number[][] }): string[] {
  const shown = labels.slice(0, 6);
  const width = Math.max(9, ...shown.map((label) => label.length));
  const head = shown.map((label) => label.padStart(width)).join('');
  return [
    `  ${'teacher ↓ student →'.padEnd(22)}${head}`,
    ...shown.map(
      (label, i) =>
        `  ${label.padEnd(22)}${shown.map((_, j) => count(counts[i]![j]!).padStart(width)).join('')}`,
    ),
    ...(labels.length > shown.length
      ? [`  … and ${labels.length - shown.length} more labels; the report has them all`]
      : []),
  ];
}
