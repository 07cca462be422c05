/** `manifest.json` of an export: how it came to be, by hash and parameter, without names, paths or days. */
import type { ArtifactFile, Manifest } from '#shared/artifacts.ts';
import type { DeidentifiedField } from './deidentified.ts';
import type { Identifiers } from './export-input.ts';
import { createMention } from './needles.ts';
import type { PseudonymKey } from './pseudonyms.ts';

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

/** Newest first. Dates, durations and names of inputs are left behind; texts that hold a path or an identifier are blanked. */
export function lineageOf(
  manifests: readonly Manifest[],
  identifiers: Identifiers,
  names: PseudonymKey,
): LineageStep[] {
  return manifests.map(({ kind, id, hash, key, limbeck, engine, seed, params, inputs }) => ({
    kind,
    id,
    hash,
    key,
    limbeck,
    engine,
    seed,
    params: withoutNames(params, identifiers, names, true),
    inputs: inputs.map(({ role, hash: contents }) => ({ role, hash: contents })),
  }));
}

const looksLikePath = /^(~|\.{0,2})[\\/]|^[A-Za-z]:[\\/]|\\|\/.*\//;

/**
 * The same JSON under new names, every text blanked that looks like a path or is an identifier; names of fields that are become
 * numbers.
 *
 * @param within also blank texts that merely hold a part of an identifier; not for a configuration, where a class may be
 * called like a word of a file name
 */
export function withoutNames(
  value: unknown,
  { people, files }: Identifiers,
  key: PseudonymKey,
  within: boolean,
): unknown {
  const renamed = new Map(Object.entries({ ...key.recordings, ...key.subjects }));
  const exact = new Set([...people, ...files]);
  const holds = createMention(within ? [...exact, ...renamed.keys()] : []);
  const mentions = (text: string) => text !== '' && (exact.has(text) || holds(text));
  const clean = (inner: unknown): unknown => {
    if (typeof inner === 'string' && inner !== '' && renamed.has(inner)) return renamed.get(inner);
    if (typeof inner === 'string')
      return looksLikePath.test(inner) ? '(path removed)' : mentions(inner) ? '(name removed)' : inner;
    if (Array.isArray(inner)) return inner.map(clean);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([name, deeper], at) => [mentions(name) ? `${at + 1}` : name, clean(deeper)]),
    );
  };
  return clean(value);
}

export function manifestText(manifest: ExportManifest & Record<string, unknown>): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
