/** Hands over an evaluation: one page that opens offline, and the same numbers for machines. */
import { AppError } from '#shared/errors.ts';
import type { EvaluationReport } from '#shared/metrics.ts';
import { deidentifiedFields } from './deidentified.ts';
import { readText } from './export-folder.ts';
import type { ExportInput } from './export-input.ts';
import { lineageOf, researchUse } from './export-manifest.ts';
import { htmlReport } from './html-report.ts';
import { renameReport } from './metric-text.ts';
import { namePseudonyms, type PseudonymKey } from './pseudonyms.ts';
import { writeExport, type ExportResult } from './write-export.ts';

export interface ReportInput extends ExportInput {
  /** Models tested on the same folds; the first is reported in full. */
  reports: readonly { name: string; report: EvaluationReport }[];
}

export async function exportReport(input: ReportInput): Promise<ExportResult & { key: PseudonymKey }> {
  if (input.reports.length === 0)
    throw new AppError('no-data', 'There is no evaluation to report; test a model first.');
  const key = namePseudonyms(
    {
      subjects: input.reports.flatMap(({ report }) => report.perSubject.map(({ subject }) => subject)),
      recordings: [],
    },
    input.random,
    input.key,
  );
  const reports = input.reports.map(({ name, report }) => ({ name, report: renameReport(report, key) }));
  const lineage = lineageOf(input.manifests, input.identifiers, key);
  const metrics = `${JSON.stringify(reports, null, 2)}\n`;
  const result = await writeExport({
    out: input.out,
    progress: input.progress,
    card: input.card,
    identifiers: {
      people: [...input.identifiers.people, ...Object.keys(key.subjects)],
      files: input.identifiers.files,
    },
    deliberate: reports.flatMap(({ name, report }) => [name, ...report.classes]),
    blank: htmlReport({
      card: {},
      reports: reports.map(({ report }) => ({ name: '', report: { ...report, perSubject: [], notes: [] } })),
      lineage: [],
      limbeck: input.limbeck,
    }),
    async write(folder) {
      await folder.write(
        'report.html',
        htmlReport({ card: input.card, reports, lineage, limbeck: input.limbeck }),
      );
      await folder.write('metrics.json', metrics);
      return {
        manifestVersion: 1,
        kind: 'export',
        what: 'report',
        title: input.card.title ?? '',
        researchUse,
        limbeck: input.limbeck,
        lineage,
        deidentification: deidentifiedFields({ signals: false, keepSex: false, keepAnnotations: false }),
      };
    },
    async verify(folder) {
      if (JSON.stringify(JSON.parse(await readText(folder, 'metrics.json')), null, 2) !== metrics.trimEnd())
        throw new AppError(
          'not-verified',
          'Read back differs in metrics.json. The export was removed again; check the drive and write it once more.',
        );
    },
  });
  return { ...result, key };
}
