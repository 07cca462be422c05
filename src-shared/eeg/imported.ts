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

/** How one file came through an import. */
export interface FileVerdict {
  /** As `relativePath`. */
  name: string;
  /**
   * Opened without a finding that matters · opened with such findings · refused · same content as another file ·
   * in the study already, unchanged.
   */
  verdict: 'opened' | 'findings' | 'refused' | 'twice' | 'known';
  /** Id in the study. */
  recording: string;
  bytes: number;
  /** '' when it was not opened. */
  format: string;
  /** Signals, without those of annotations. */
  channels: number;
  durationS: number;
  /** Codes of the findings that matter, worst first. */
  codes: string[];
  /** The worst finding's effect, why it was refused, or of which file it is a copy; '' when there is nothing to say. */
  reason: string;
}
