/**
 * Where this came from and how to get it again.
 *
 * @module
 */
import { counted } from '../../progress/words.ts';
import type { ReportData } from '../data.ts';

export function OriginSection({ data }: { readonly data: ReportData }) {
  const { lineage, machine, teacher, command, version } = data;
  return (
    <section>
      <h2>Where it comes from</h2>
      <dl className="facts">
        <dt>Teacher</dt>
        <dd>
          <bdi>{teacher.name}</bdi>
        </dd>
        <dt>Student folder</dt>
        <dd>
          <code>{lineage.student}</code>
        </dd>
        <dt>Digest of the student</dt>
        <dd>
          <code>{lineage.digest}</code>
        </dd>
        <dt>Digest of the dataset</dt>
        <dd>
          <code>{lineage.datasetDigest}</code>
        </dd>
        <dt>Seed</dt>
        <dd>{lineage.seed}</dd>
        <dt>Machine</dt>
        <dd>
          {machine.cpu}, {counted(machine.cores, 'core')}, {machine.memoryGiB} GiB, {machine.system}, Node{' '}
          {machine.node}
        </dd>
        <dt>Kolben</dt>
        <dd>{version}</dd>
      </dl>
      <h3>To get it again</h3>
      <pre>
        <code>{command}</code>
      </pre>
    </section>
  );
}
