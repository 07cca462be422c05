/** The frame around every export: write aside, read back, search for names, then give the folder its name. */
import type { ArtifactFile } from '#shared/artifacts.ts';
import { AppError } from '#shared/errors.ts';
import type { Progress } from '#shared/jobs.ts';
import type { CardText, Identifiers } from './export-input.ts';
import { throwIfCancelled } from './cancel.ts';
import { searchIdentifiers } from './deidentified.ts';
import { checksumText, createExportFolder, readText, type ExportFolder } from './export-folder.ts';
import { manifestText, type ExportManifest } from './export-manifest.ts';
import { loaderName, loaderText } from './loader.ts';
import { wordsOf } from './needles.ts';

export interface ExportResult {
  files: ArtifactFile[];
  readBack: 'equal';
  identifiersFound: 0;
  /** Texts searched for, and parts too short or too ordinary to search for. */
  searched: number;
  passedOver: number;
  seconds: number;
}

export interface ExportFrame {
  out: string;
  progress: Progress;
  card: CardText;
  identifiers: Identifiers;
  /** Texts that are exported on purpose: labels, electrode names. */
  deliberate: readonly string[];
  /** The card as it reads without any data: its words would be there whoever it is about. */
  blank: string;
  /** Writes everything but manifest, loader and checksums, and says what the manifest adds. */
  write(folder: ExportFolder): Promise<Omit<ExportManifest, 'files'> & Record<string, unknown>>;
  /** Reads back in depth; every file's hash is compared besides. */
  verify(folder: ExportFolder): Promise<void>;
}

/**
 * Nothing is visible under `out` before all checks passed; on any failure what was written is removed.
 *
 * @throws AppError 'conflict' | 'not-verified' | 'cancelled' | 'disk-full' | 'read-only'
 */
export async function writeExport(frame: ExportFrame): Promise<ExportResult> {
  const { out, progress } = frame;
  const startedMs = performance.now();
  progress.report({ type: 'phases', names: ['Write', 'Read back', 'Search for names'] });
  const folder = await createExportFolder(out);
  try {
    progress.report({ type: 'phase', index: 0 });
    const manifest = await frame.write(folder);
    await folder.write(loaderName, await loaderText());
    await folder.write('manifest.json', manifestText({ ...manifest, files: [...folder.files] }));
    await folder.write('checksums.sha256', checksumText(folder.files));
    throwIfCancelled(progress);
    progress.report({ type: 'phase', index: 1 });
    await folder.verify();
    JSON.parse(await readText(folder, 'manifest.json'));
    await frame.verify(folder);
    throwIfCancelled(progress);
    progress.report({ type: 'phase', index: 2 });
    const found = await search(folder, frame);
    await folder.commit();
    progress.report({
      type: 'note',
      level: 'ok',
      text: `${folder.files.length} files read back equal; ${found.searched} names, numbers and dates searched for, none found.`,
    });
    return {
      files: [...folder.files],
      readBack: 'equal',
      ...found,
      seconds: (performance.now() - startedMs) / 1000,
    };
  } catch (error) {
    await folder.discard();
    throw AppError.from(error);
  }
}

async function search(folder: ExportFolder, { identifiers, deliberate, card, blank }: ExportFrame) {
  const own = [...deliberate, ...wordsOf(blank), ...wordsOf(await loaderText())];
  const cardWords = Object.values(card).flatMap((value = '') => [value, ...wordsOf(value)]);
  return searchIdentifiers(folder, [
    { identifiers: identifiers.people, deliberate: own },
    { identifiers: identifiers.files, deliberate: [...own, ...cardWords] },
  ]);
}
