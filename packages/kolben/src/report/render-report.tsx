/**
 * The report of a training as one HTML file.
 *
 * @module
 */
import type { ReportData } from './data.ts';
import { renderPage } from './page.tsx';
import { CertificateSection } from './sections/certificate.tsx';
import { Headline } from './sections/headline.tsx';
import { OriginSection } from './sections/origin.tsx';
import { ServiceSections } from './sections/service.tsx';
import { TrainingSections } from './sections/training.tsx';

export function renderReport(data: ReportData): string {
  return renderPage({
    title: `Kolben: ${data.task}`,
    version: data.version,
    header: <Headline data={data} />,
    main: (
      <>
        <ServiceSections data={data} />
        <CertificateSection data={data} />
        <TrainingSections data={data} />
        <OriginSection data={data} />
      </>
    ),
  });
}
