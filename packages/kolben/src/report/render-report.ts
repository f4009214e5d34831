/**
 * The report of a training as one HTML file.
 *
 * @module
 */
import type { ReportData } from './data.ts';
import { renderPage } from './page.ts';
import { certificateSection } from './sections/certificate.ts';
import { headline } from './sections/headline.ts';
import { originSection } from './sections/origin.ts';
import { serviceSections } from './sections/service.ts';
import { trainingSections } from './sections/training.ts';

export function renderReport(data: ReportData): string {
  return renderPage({
    title: `Kolben: ${data.task}`,
    version: data.version,
    header: headline(data),
    main: [serviceSections(data), certificateSection(data), trainingSections(data), originSection(data)],
  });
}
