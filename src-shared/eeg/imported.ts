/** What an import tells the catalog about one file: everything read from it once, so that nothing is read twice. */
import type { Annotation, Finding, RecordingHeader } from './recording.ts';
import type { LabelSpan } from './segment.ts';

export interface ImportedRecording {
  /** 'R' and twelve hex digits of SHA-256(content hash, relative path): the same file in the same place is the same recording anywhere. */
  id: string;
  path: string;
  /** Below the imported folder, with '/'; the file's name when a file was imported. */
  relativePath: string;
  dataset: string;
  subject: string;
  sha256: string;
  bytes: number;
  modifiedMs: number;
  /** null when the file could not be opened; `refusal` says why and what to do. */
  header: RecordingHeader | null;
  refusal: string | null;
  reference: string;
  annotations: Annotation[];
  findings: Finding[];
  labels: Omit<LabelSpan, 'recording'>[];
  labelSource: 'annotation' | 'events';
}
