/** Results on disk: what kinds there are and the manifest that each carries. */

export const artifactKinds = ['segments', 'distillate', 'model', 'evaluation', 'export'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

export interface ArtifactInput {
  /** What it was used for: 'segments', 'subset', 'parent', 'recording', 'labels', … */
  role: string;
  id: string;
  hash: string;
}

export interface ArtifactFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** `manifest.json` of an artifact folder; written last, so its presence means the artifact is whole. */
export interface Manifest<Summary = Record<string, unknown>> {
  manifestVersion: 1;
  kind: ArtifactKind;
  /** Letter of the kind and the first ten hex digits of the key: same inputs, parameters, seed and engine give the same id. */
  id: string;
  /** SHA-256 over the sorted (path, sha256) of the files: what the step produced, apart from times and names. */
  hash: string;
  /** SHA-256 of the canonical JSON of {kind, method, params, seed, engine, inputs' hashes}. */
  key: string;
  createdAt: string;
  seconds: number;
  limbeck: string;
  /** Engine that computed it, e.g. 'wasm'; '' where no tensors took part. */
  engine: string;
  seed: number;
  params: Record<string, unknown>;
  inputs: ArtifactInput[];
  files: ArtifactFile[];
  /** Small facts for lists and headlines; big tables are files. */
  summary: Summary;
}

/** A folder being written. Nothing is visible under its final name before `commit`. */
export interface ArtifactDraft {
  write(path: string, content: Uint8Array | string): Promise<void>;
  append(path: string, content: Uint8Array | string): Promise<void>;
}

/** Reads files of a finished artifact. */
export interface ArtifactFolder {
  readonly manifest: Manifest;
  bytes(path: string): Promise<Uint8Array>;
  json<T>(path: string): Promise<T>;
}
