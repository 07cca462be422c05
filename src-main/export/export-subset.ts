/** Hands over the kept segments of a study: signals, index, card and loader, de-identified and read back. */
import { readFile } from 'node:fs/promises';
import type { Annotation } from '#shared/eeg/recording.ts';
import type { SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import { csvLine } from './csv.ts';
import { datasetCard } from './dataset-card.ts';
import { deidentifiedFields, createRenamer, pseudonymOf } from './deidentified.ts';
import { readText, type ExportFolder } from './export-folder.ts';
import type { ExportInput } from './export-input.ts';
import { lineageOf, researchUse } from './export-manifest.ts';
import { indexCsv, indexParquet, verifyIndexCsv, verifyIndexParquet, type IndexRow } from './index-tables.ts';
import { namePseudonyms, type PseudonymKey } from './pseudonyms.ts';
import { handedOver, isHandedOver, type SegmentRow } from './segment-row.ts';
import { verifyReel, writeReel, type Reel, type ReelInput } from './signals-edf.ts';
import { verifyNumpy, writeNumpy, type NumpyFiles, type NumpyInput } from './signals-numpy.ts';
import { writeExport, type ExportResult } from './write-export.ts';

export interface SubsetInput extends ExportInput {
  source: SegmentSource;
  /** Every segment of the source, kept or not. */
  rows: readonly SegmentRow[];
  formats: readonly ('npz' | 'parquet' | 'edf')[];
  /** 'F' or 'M' by subject; given only when asked to keep it. */
  sex?: Readonly<Record<string, string>>;
  /** Marks by recording; given only when asked to keep them. */
  annotations?: Readonly<Record<string, readonly Annotation[]>>;
  /** Signals of a group beyond this go into NPY shards of at most this size. */
  limitBytes?: number;
}

export interface SubsetExport extends ExportResult {
  key: PseudonymKey;
  /** Samples that did not fit into EDF's range: none, or the export is refused. */
  clipped: 0;
  /** Largest difference between EDF and source, µV; null without EDF. */
  edfDifferenceUv: number | null;
}

interface GroupPlan {
  group: SegmentGroup;
  name: string;
  numpy: { input: NumpyInput; files: NumpyFiles } | null;
  reels: { input: ReelInput; reel: Reel }[];
}

/** @throws AppError 'no-data' when nothing is kept, and all of {@link writeExport} */
export async function exportSubset(input: SubsetInput): Promise<SubsetExport> {
  const { source, rows, formats, progress } = input;
  const kept = handedOver(rows);
  const key = namePseudonyms(
    { subjects: rows.map(({ subject }) => subject), recordings: rows.map(({ recording }) => recording) },
    input.random,
    input.key,
  );
  const total = [...kept.values()].reduce((sum, mine) => sum + mine.length, 0);
  const passes = (formats.includes('npz') ? 1 : 0) + (formats.includes('edf') ? 2 : 0);
  let written = 0;
  const done = (count: number) => {
    written += count;
    progress.report({
      type: 'progress',
      done: Math.min(written, total * passes),
      total: total * passes,
      unit: 'segments',
    });
  };
  const fields = deidentifiedFields({
    signals: true,
    keepSex: input.sex !== undefined,
    keepAnnotations: input.annotations !== undefined,
  });
  const lineage = lineageOf(input.manifests, input.identifiers, key);
  let plans: GroupPlan[] = [];
  let index: IndexRow[] = [];
  let edfDifferenceUv: number | null = null;
  const result = await writeExport({
    out: input.out,
    progress,
    card: input.card,
    identifiers: {
      people: [...input.identifiers.people, ...Object.keys(key.subjects), ...Object.keys(key.recordings)],
      files: input.identifiers.files,
    },
    deliberate: [
      // a whole label only: a name within a longer text is still found
      ...new Set(rows.flatMap(({ label }) => (label === null ? [] : [label]))),
      ...source.groups.flatMap(({ electrodes }) => electrodes),
    ],
    blank: datasetCard({
      card: {},
      rows: [],
      groups: [],
      lineage: [],
      deidentification: fields,
      formats: [],
      limbeck: input.limbeck,
    }),
    async write(folder) {
      plans = [];
      for (const [at, mine] of kept) plans.push(await writeGroup(folder, at, mine, input, key, done));
      index = indexRows(rows, plans, key);
      await folder.write('segments.csv', indexCsv(index));
      await folder.write('rejected.csv', indexCsv(index.filter(({ fate }) => fate === 'rejected')));
      await folder.write('subjects.csv', subjectsCsv(index, input));
      if (formats.includes('parquet')) await folder.write('segments.parquet', indexParquet(index));
      const groups = plans.map(({ group, name, numpy, reels }) => ({
        name,
        electrodes: group.electrodes,
        sfreqHz: group.sfreqHz,
        samples: group.samples,
        segments: kept.get(source.groups.indexOf(group))!.length,
        npz: numpy?.files.npz ?? null,
        shards: numpy?.files.shards ?? [],
        edf: reels.map(({ reel }) => reel),
      }));
      await folder.write(
        'README.md',
        datasetCard({
          card: input.card,
          rows: index,
          groups,
          lineage,
          deidentification: fields,
          formats,
          limbeck: input.limbeck,
        }),
      );
      return {
        manifestVersion: 1,
        kind: 'export',
        what: 'subset',
        title: input.card.title ?? '',
        researchUse,
        limbeck: input.limbeck,
        lineage,
        deidentification: fields,
        unit: 'microvolt',
        segments: {
          all: rows.length,
          kept: total,
          rejected: rows.filter(({ fate }) => fate === 'rejected').length,
        },
        groups,
      };
    },
    async verify(folder) {
      written = 0;
      for (const { numpy, reels } of plans) {
        if (numpy) await verifyNumpy(numpy.input, numpy.files);
        for (const { input: mine, reel } of reels)
          edfDifferenceUv = Math.max(edfDifferenceUv ?? 0, await verifyReel(mine, reel));
      }
      verifyIndexCsv('segments.csv', await readText(folder, 'segments.csv'), index);
      const rejected = index.filter(({ fate }) => fate === 'rejected');
      verifyIndexCsv('rejected.csv', await readText(folder, 'rejected.csv'), rejected);
      if (formats.includes('parquet'))
        await verifyIndexParquet(
          'segments.parquet',
          await readFile(folder.absolute('segments.parquet')),
          index,
        );
    },
  });
  return { ...result, key, clipped: 0, edfDifferenceUv };
}

async function writeGroup(
  folder: ExportFolder,
  at: number,
  rows: readonly SegmentRow[],
  input: SubsetInput,
  key: PseudonymKey,
  done: (count: number) => void,
): Promise<GroupPlan> {
  const { source, formats, progress } = input;
  const group = source.groups[at];
  if (!group)
    throw new AppError('invalid-input', `Segment ${rows[0]!.index} names group ${at}, which does not exist.`);
  const name = `D-${String(at + 1).padStart(2, '0')}`;
  const recordingNames = (mine: readonly SegmentRow[]) =>
    mine.map(({ recording }) => pseudonymOf(key, 'recordings', recording));
  const plan: GroupPlan = { group, name, numpy: null, reels: [] };
  if (formats.includes('npz')) {
    const numpy: NumpyInput = {
      folder,
      source,
      group,
      name,
      rows,
      subjects: rows.map(({ subject }) => pseudonymOf(key, 'subjects', subject)),
      recordings: recordingNames(rows),
      progress,
      done,
      ...(input.limitBytes === undefined ? {} : { limitBytes: input.limitBytes }),
    };
    plan.numpy = { input: numpy, files: await writeNumpy(numpy) };
  }
  if (!formats.includes('edf')) return plan;
  const bySubject = Map.groupBy(rows, ({ subject }) => pseudonymOf(key, 'subjects', subject));
  for (const [subject, mine] of [...bySubject].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    const inTime = [...Map.groupBy(mine, ({ recording }) => recording)]
      .sort(([a], [b]) => (pseudonymOf(key, 'recordings', a) < pseudonymOf(key, 'recordings', b) ? -1 : 1))
      .flatMap(([, same]) => [...same].sort((a, b) => a.startS - b.startS));
    const reelInput: ReelInput = {
      folder,
      source,
      group,
      path: `edf/${subject}_${name}.edf`,
      subject,
      rows: inTime,
      recordings: recordingNames(inTime),
      annotations: input.annotations ?? {},
      progress,
      done,
    };
    plan.reels.push({ input: reelInput, reel: await writeReel(reelInput) });
  }
  return plan;
}

function indexRows(rows: readonly SegmentRow[], plans: readonly GroupPlan[], key: PseudonymKey): IndexRow[] {
  const places = new Map<number, { file: string; row: number }>();
  for (const { numpy } of plans) {
    if (!numpy) continue;
    const { npz, shards } = numpy.files;
    let shard = 0;
    let row = 0;
    for (const { index } of numpy.input.rows) {
      if (shards[shard] && row === shards[shard].count) {
        shard++;
        row = 0;
      }
      places.set(index, { file: shards[shard]?.path ?? npz, row: row++ });
    }
  }
  const rename = createRenamer(key);
  return rows.map((row): IndexRow => {
    return {
      ...row,
      reason: rename(row.reason),
      groupName: `D-${String(row.group + 1).padStart(2, '0')}`,
      recordingName: pseudonymOf(key, 'recordings', row.recording),
      subjectName: pseudonymOf(key, 'subjects', row.subject),
      file: places.get(row.index)?.file ?? null,
      row: places.get(row.index)?.row ?? null,
    };
  });
}

function subjectsCsv(index: readonly IndexRow[], { sex }: SubsetInput): string {
  const bySubject = Map.groupBy(index, ({ subjectName }) => subjectName);
  const header = ['subject', 'segments', 'kept', 'kept_seconds', ...(sex ? ['sex'] : [])];
  const lines = [...bySubject]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([name, mine]) => {
      const kept = mine.filter(isHandedOver);
      return csvLine([
        name,
        mine.length,
        kept.length,
        kept.reduce((sum, { durationS }) => sum + durationS, 0),
        ...(sex ? [sex[mine[0]!.subject] ?? null] : []),
      ]);
    });
  return csvLine(header) + lines.join('');
}
