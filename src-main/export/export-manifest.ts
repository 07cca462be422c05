/** `manifest.json` of an export: how it came to be, by hash and parameter, without names, paths or days. */
import type { ArtifactFile, Manifest } from '#shared/artifacts.ts';
import type { DeidentifiedField } from './deidentified.ts';

export const researchUse =
  'Research use — not for diagnosis. Limbeck is not a medical device, and neither is anything made with it.';

/** One step of the lineage: the artifact itself, or one it was made from. */
export interface LineageStep {
  kind: string;
  id: string;
  hash: string;
  key: string;
  limbeck: string;
  engine: string;
  seed: number;
  params: unknown;
  inputs: { role: string; hash: string }[];
}

export interface ExportManifest {
  manifestVersion: 1;
  kind: 'export';
  what: 'subset' | 'model' | 'report';
  title: string;
  researchUse: string;
  limbeck: string;
  lineage: LineageStep[];
  deidentification: DeidentifiedField[];
  /** All files but this one and checksums.sha256. */
  files: ArtifactFile[];
}

/** Newest first. Dates, durations and names of inputs are left behind; texts that look like paths are blanked. */
export function lineageOf(manifests: readonly Manifest[]): LineageStep[] {
  return manifests.map(({ kind, id, hash, key, limbeck, engine, seed, params, inputs }) => ({
    kind,
    id,
    hash,
    key,
    limbeck,
    engine,
    seed,
    params: withoutPaths(params),
    inputs: inputs.map(({ role, hash: contents }) => ({ role, hash: contents })),
  }));
}

export function withoutPaths(value: unknown): unknown {
  if (typeof value === 'string') return /[\\/]/.test(value) ? '(path removed)' : value;
  if (Array.isArray(value)) return value.map(withoutPaths);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutPaths(inner)]));
  return value;
}

export function manifestText(manifest: ExportManifest & Record<string, unknown>): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
