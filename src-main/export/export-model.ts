/** Hands over a model: weights as safetensors, how to put them together, and a card that says for whom it works. */
import { readFile } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';
import type { EvaluationReport } from '#shared/metrics.ts';
import { decodeSafetensors, encodeSafetensors, type Tensors } from '#shared/safetensors.ts';
import { deidentifiedFields } from './deidentified.ts';
import type { ExportInput } from './export-input.ts';
import { lineageOf, researchUse, withoutNames } from './export-manifest.ts';
import { renameReport } from './metric-text.ts';
import { modelCard } from './model-card.ts';
import { wordsOf } from './needles.ts';
import { namePseudonyms, type PseudonymKey } from './pseudonyms.ts';
import { writeExport, type ExportResult } from './write-export.ts';

export interface ModelInput extends ExportInput {
  tensors: Tensors;
  /** Architecture, sizes, classes, electrodes, preparation: plain JSON, all that is needed to put the weights together. */
  config: Readonly<Record<string, unknown>>;
  report: EvaluationReport | null;
}

/** @throws AppError 'diverged' when a weight is not finite, and all of {@link writeExport} */
export async function exportModel(input: ModelInput): Promise<ExportResult & { key: PseudonymKey }> {
  const { tensors, card } = input;
  const names = Object.keys(tensors);
  if (names.length === 0) throw new AppError('no-data', 'This model has no weights; train it first.');
  const broken = names.find((name) => !tensors[name]!.data.every(Number.isFinite));
  if (broken !== undefined)
    throw new AppError(
      'diverged',
      `The weights of ${broken} are not all numbers; export an earlier checkpoint.`,
    );
  const parameters = names.reduce((sum, name) => sum + tensors[name]!.data.length, 0);
  const key = namePseudonyms(
    { subjects: input.report?.perSubject.map(({ subject }) => subject) ?? [], recordings: [] },
    input.random,
    input.key,
  );
  const config = withoutNames(input.config, input.identifiers, key, false) as Record<string, unknown>;
  const report = input.report && renameReport(input.report, key);
  const lineage = lineageOf(input.manifests, input.identifiers, key);
  const fields = deidentifiedFields({ signals: false, keepSex: false, keepAnnotations: false });
  const result = await writeExport({
    out: input.out,
    progress: input.progress,
    card,
    identifiers: {
      people: [...input.identifiers.people, ...Object.keys(key.subjects)],
      files: input.identifiers.files,
    },
    deliberate: [...names.flatMap(wordsOf), ...textsIn(config), ...(report?.classes ?? [])],
    blank: modelCard({
      card: {},
      config: {},
      tensors: 0,
      parameters: 0,
      lineage: [],
      report: report && { ...report, perSubject: [], notes: [] },
      limbeck: input.limbeck,
    }),
    async write(folder) {
      await folder.write(
        'weights.safetensors',
        encodeSafetensors(tensors, { format: 'pt', limbeck: input.limbeck }),
      );
      await folder.write('config.json', `${JSON.stringify(config, null, 2)}\n`);
      if (report) await folder.write('metrics.json', `${JSON.stringify(report, null, 2)}\n`);
      await folder.write(
        'README.md',
        modelCard({
          card,
          config,
          tensors: names.length,
          parameters,
          lineage,
          report,
          limbeck: input.limbeck,
        }),
      );
      return {
        manifestVersion: 1,
        kind: 'export',
        what: 'model',
        title: card.title ?? '',
        researchUse,
        limbeck: input.limbeck,
        lineage,
        deidentification: fields,
        tensors: names.length,
        parameters,
      };
    },
    async verify(folder) {
      const there = decodeSafetensors(await readFile(folder.absolute('weights.safetensors'))).tensors;
      const same = (name: string) =>
        there[name]?.shape.join() === tensors[name]!.shape.join() &&
        Buffer.compare(bytesOf(there[name]!.data), bytesOf(tensors[name]!.data)) === 0;
      if (Object.keys(there).length !== names.length || !names.every(same))
        throw new AppError(
          'not-verified',
          'Read back differs in weights.safetensors. The export was removed again; check the drive and write it once more.',
        );
    },
  });
  return { ...result, key };
}

/** Words of a configuration stand there on purpose: names of layers, electrodes, classes. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value, ...value.split(/[^\p{L}\p{N}]+/u)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
