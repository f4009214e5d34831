/**
 * The HTML report of a training, into a file.
 *
 * @module
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import type { DistillReport } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import type { ReportContext } from '../report/from-distill.ts';

/** Whole or not at all. @throws KolbenError (`report_unwritable`) */
export async function writeReport(file: string, report: DistillReport, about: ReportContext): Promise<void> {
  const [{ reportFromDistill }, { renderReport }] = await Promise.all([
    import('../report/from-distill.ts'),
    import('../report/report-page.ts'),
  ]);
  const html = await renderReport(reportFromDistill(report, about));
  try {
    await writeFile(`${file}.part`, html);
    await rename(`${file}.part`, file);
  } catch (error) {
    await rm(`${file}.part`, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new KolbenError(
      'report_unwritable',
      `The student is complete, but the report ${file} could not be written (${code}): choose another --report.`,
      { cause: error },
    );
  }
}
