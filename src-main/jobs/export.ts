/** Hands over a subset, a model or a report: de-identified, read back, compared; the key of new names stays in the study. */
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Manifest } from '#shared/artifacts.ts';
import { keptAt, positionsOf } from '#shared/eeg/distillate.ts';
import type { Annotation } from '#shared/eeg/recording.ts';
import { labelSegments, type LabelSpan, type SegmentSource } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { EvaluationFile } from '#shared/metrics.ts';
import type { ModelSummary } from '#shared/models.ts';
import { exportFormats, type ExportParams } from '#shared/params/export.ts';
import { createRandom } from '#shared/random.ts';
import { decodeSafetensors } from '#shared/safetensors.ts';
import { version } from '#shared/version.ts';
import { explainSegment, viewKept } from '#main/distillation/reasons.ts';
import { cardFields } from '#main/export/card-fields.ts';
import { exportModel } from '#main/export/export-model.ts';
import { exportReport } from '#main/export/export-report.ts';
import { exportSubset } from '#main/export/export-subset.ts';
import type { PseudonymKey } from '#main/export/pseudonyms.ts';
import type { SegmentRow } from '#main/export/segment-row.ts';
import { makeFolder } from '#main/io/make-folder.ts';
import { artifactKey, findArtifact, type ArtifactIdentity } from '#main/store/artifact.ts';
import { canonicalJson, sha256 } from '#main/store/canonical.ts';
import { openDraft } from '#main/store/draft.ts';
import { isSystemError, replaceFile } from '#main/store/durable.ts';
import { openSegmentStore } from '#main/store/segments.ts';
import { openDistillate, refuseUnordered, type StoredDistillate } from './distillates.ts';
import type { JobContext, JobOutput } from './job.ts';
import { openedArtifact } from './resources.ts';

export interface ExportSpec {
  params: ExportParams;
  labels: LabelSpan[];
  /** The artifact first, then what it was made from. */
  lineage: Manifest[];
  recordings: {
    id: string;
    path: string;
    dataset: string;
    subject: string;
    sha256: string;
    startedAt: string | null;
    patient: string;
    annotations: Annotation[];
  }[];
}

interface Written {
  files: { path: string; bytes: number; sha256: string }[];
  readBack: 'equal';
  identifiersFound: 0;
  key: PseudonymKey;
}

export async function exportArtifact(spec: ExportSpec, context: JobContext): Promise<JobOutput> {
  const { params } = spec;
  const allowed: readonly string[] = exportFormats[params.what];
  const impossible = params.formats.filter((format) => !allowed.includes(format));
  if (impossible.length > 0) {
    throw new AppError(
      'unsupported',
      `A ${params.what} cannot be written as ${impossible.join(', ')}; it can as ${allowed.join(', ')}.`,
    );
  }
  const out = resolve(params.out);
  const started = performance.now();
  makeFolder(dirname(out));
  const keyFile = join(context.studyDir, 'pseudonyms.json');
  const common = {
    out,
    manifests: spec.lineage,
    identifiers: {
      people: [
        ...new Set(spec.recordings.flatMap((recording) => [recording.subject, recording.patient])),
      ].filter(Boolean),
      files: [...new Set(spec.recordings.flatMap((recording) => [recording.path, basename(recording.path)]))],
    },
    card: params.card,
    limbeck: version,
    random: createRandom('pseudonyms'),
    key: await readKey(keyFile),
    progress: context,
  };
  const unstated = cardFields(params.what).filter(
    ({ name, required }) =>
      required && !Object.entries(params.card).some(([own, text]) => own === name && text),
  );
  if (unstated.length > 0)
    context.report({
      type: 'note',
      level: 'warning',
      text: `The card does not state: ${unstated.map(({ label }) => label.toLowerCase()).join(', ')}. Give them with --card FILE.json or ${unstated.map(({ name }) => `--card-${name}`).join(', ')}.`,
    });
  const request = sha256(canonicalJson([params, spec.lineage[0]?.hash ?? '', spec.labels]));
  const written =
    (await writtenBefore(context.studyDir, out, request, common.key)) ??
    (await writeOne(spec, common, context));
  await replaceFile(keyFile, JSON.stringify(written.key));
  const manifest = await recordExport(spec, written, out, (performance.now() - started) / 1000, context);
  const bytes = written.files.reduce((sum, file) => sum + file.bytes, 0);
  return {
    artifacts: [manifest],
    result: `Wrote ${written.files.length} files, ${(bytes / 1e6).toFixed(1)} MB, to ${out}; read back equal, no identifier found.`,
    facts: {
      out,
      files: written.files.map((file) => file.path),
      readBack: written.readBack,
      identifiersFound: written.identifiersFound,
      seconds: manifest.seconds,
    },
  };
}

/**
 * The same export again: the folder is there, every file as its checksum says. A note of what was asked for stands in the study from
 * before the first byte, so that an export whose process ended between the last file and the catalog is recognised too.
 */
async function writtenBefore(
  studyDir: string,
  out: string,
  request: string,
  key: PseudonymKey,
): Promise<Written | null> {
  const note = join(studyDir, 'work', `export-${sha256(out).slice(0, 16)}`);
  const asked = await readTextOrNull(note);
  if (asked !== request) {
    await mkdir(dirname(note), { recursive: true });
    await replaceFile(note, request);
    return null;
  }
  const list = await readTextOrNull(join(out, 'checksums.sha256'));
  if (list === null) return null;
  const files: Written['files'] = [];
  for (const line of list.split('\n').filter(Boolean)) {
    const [hash, path] = [line.slice(0, 64), line.slice(66)];
    const content = await readFile(join(out, path)).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT')) return null;
      throw error;
    });
    if (content === null || sha256(content) !== hash) return null;
    files.push({ path, bytes: content.length, sha256: hash });
  }
  const bytes = Buffer.byteLength(list);
  return {
    files: [...files, { path: 'checksums.sha256', bytes, sha256: sha256(list) }],
    readBack: 'equal',
    identifiersFound: 0,
    key,
  };
}

async function readTextOrNull(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  });
}

type Common = Parameters<typeof exportReport>[0] extends infer Input ? Omit<Input, 'reports'> : never;

async function writeOne(spec: ExportSpec, common: Common, context: JobContext): Promise<Written> {
  const { params } = spec;
  switch (params.what) {
    case 'subset': {
      const distillate = await openDistillate(context.studyDir, params.id);
      refuseUnordered(distillate, params.keep);
      const store = await openedArtifact(context.studyDir, distillate.segments);
      await using source = await openSegmentStore(store.dir);
      return await exportSubset({
        ...common,
        source,
        rows: rowsOf(distillate, source, spec.labels, params.keep),
        formats: params.formats.filter(
          (format) => format === 'npz' || format === 'parquet' || format === 'edf',
        ),
        ...(params.keepAnnotations
          ? {
              annotations: Object.fromEntries(
                spec.recordings.map((recording) => [recording.id, recording.annotations]),
              ),
            }
          : {}),
      });
    }
    case 'model': {
      const artifact = await openedArtifact(context.studyDir, params.id);
      const { evaluation } = artifact.manifest.summary as ModelSummary;
      const report =
        evaluation === null
          ? null
          : await (await openedArtifact(context.studyDir, evaluation)).json<EvaluationFile>('report.json');
      const {
        subjects: _,
        heldOut: __,
        ...config
      } = await artifact.json<Record<string, unknown>>('model.json');
      return exportModel({
        ...common,
        tensors: decodeSafetensors(await artifact.bytes('weights.safetensors')).tensors,
        config,
        report,
      });
    }
    case 'report': {
      const artifact = await openedArtifact(context.studyDir, params.id);
      const report = await artifact.json<EvaluationFile>('report.json');
      return exportReport({ ...common, reports: [{ name: report.comparison[0]?.name ?? 'Model', report }] });
    }
  }
}

/** Every segment of the store with its fate and reason at the share that is handed over. */
function rowsOf(
  distillate: StoredDistillate,
  source: SegmentSource,
  labels: readonly LabelSpan[],
  share: number,
): SegmentRow[] {
  const labelOf = new Map(
    labelSegments(source.segments, labels).map((segment) => [segment.index, segment.label]),
  );
  return distillate.content.groups.flatMap((group) => {
    const kept = keptAt(group, share || distillate.content.keep);
    const positions = positionsOf(group);
    const view = viewKept(group, kept);
    const name = (index: number) => `segment ${index}`;
    return Array.from({ length: group.count }, (_, at): SegmentRow => {
      const segment = source.segments[group.first + at]!;
      const place = positions[at]!;
      const { sentences, nearest } = explainSegment(view, group.first + at, name);
      return {
        index: segment.index,
        recording: segment.recording,
        subject: segment.subject,
        group: segment.group,
        startS: segment.startS,
        durationS: segment.durationS,
        order: place >= 0 ? place : null,
        distance: nearest?.distance ?? null,
        fate:
          place === -2
            ? 'rejected'
            : place >= 0 && place < kept
              ? place < group.pinned
                ? 'pinned'
                : 'kept'
              : 'left out',
        reason: sentences.join(' '),
        label: labelOf.get(segment.index) ?? null,
      };
    });
  });
}

/** An export leaves a note of what was handed over in the study; the same export again is a new folder, not a new note. */
async function recordExport(
  spec: ExportSpec,
  written: Written,
  out: string,
  seconds: number,
  context: JobContext,
): Promise<Manifest> {
  const [source] = spec.lineage;
  const identity: ArtifactIdentity & { letter: string } = {
    kind: 'export',
    letter: 'X',
    method: `export/${spec.params.what}/1`,
    params: { ...spec.params, content: sha256(canonicalJson(written.files)) },
    seed: 0,
    engine: '',
    inputs: source ? [{ role: spec.params.what, id: source.id, hash: source.hash }] : [],
  };
  const done = await findArtifact(context.studyDir, artifactKey(identity));
  if (done) return done.manifest;
  const draft = await openDraft(context.studyDir, identity);
  await draft.write('files.json', JSON.stringify(written.files, null, 1));
  return draft.commit({
    createdAt: context.now(),
    seconds,
    limbeck: version,
    summary: {
      what: spec.params.what,
      of: spec.params.id,
      formats: spec.params.formats,
      out,
      files: written.files.length,
      bytes: written.files.reduce((sum, file) => sum + file.bytes, 0),
      readBack: written.readBack,
      identifiersFound: written.identifiersFound,
    },
  });
}

async function readKey(file: string): Promise<PseudonymKey> {
  const text = await readTextOrNull(file);
  return text === null ? { subjects: {}, recordings: {} } : (JSON.parse(text) as PseudonymKey);
}
