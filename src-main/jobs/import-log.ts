/** Tells as it goes which files an import has read and how each came through; what was read is handed over in small batches. */
import type { FileVerdict, ImportedRecording } from '#shared/eeg/imported.ts';
import type { Finding } from '#shared/eeg/recording.ts';
import type { JobContext } from './job.ts';

/** A batch is handed over when it is this old or this large. */
const batchMs = 400;
const batchFiles = 100;

export class ImportLog {
  readonly #context: Pick<JobContext, 'recorded' | 'report'>;
  #recordings: ImportedRecording[] = [];
  #files: FileVerdict[] = [];
  #since = performance.now();

  constructor(context: Pick<JobContext, 'recorded' | 'report'>) {
    this.#context = context;
  }

  /** @param twin name of the file with the same content that was there before */
  read(recording: ImportedRecording, twin: string | null): void {
    this.#recordings.push(recording);
    this.#add(verdictOf(recording, twin));
  }

  /** A file that the study has already, with the same size and time. */
  known(id: string, name: string, bytes: number, durationS: number): void {
    this.#add({
      name,
      verdict: 'known',
      recording: id,
      bytes,
      format: '',
      channels: 0,
      durationS,
      codes: [],
      reason: '',
    });
  }

  /** A file or folder that could not even be looked into; it is no part of the study. */
  unreadable(name: string, reason: string): void {
    this.#add({
      name,
      verdict: 'refused',
      recording: '',
      bytes: 0,
      format: '',
      channels: 0,
      durationS: 0,
      codes: [],
      reason,
    });
  }

  /** Hands over what waits; the recordings first, so that the study has what the list leads to. */
  flush(): void {
    if (this.#recordings.length > 0) this.#context.recorded(this.#recordings);
    if (this.#files.length > 0) this.#context.report({ type: 'files', files: this.#files });
    this.#recordings = [];
    this.#files = [];
    this.#since = performance.now();
  }

  #add(file: FileVerdict): void {
    this.#files.push(file);
    if (this.#files.length >= batchFiles || performance.now() - this.#since >= batchMs) this.flush();
  }
}

const weight: Record<Finding['severity'], number> = { error: 0, warning: 1, info: 2 };

export function verdictOf(recording: ImportedRecording, twin: string | null): FileVerdict {
  const { header } = recording;
  const serious = recording.findings
    .filter(({ severity }) => severity !== 'info')
    .sort((a, b) => weight[a.severity] - weight[b.severity]);
  return {
    name: recording.relativePath,
    verdict: !header ? 'refused' : twin !== null ? 'twice' : serious.length > 0 ? 'findings' : 'opened',
    recording: recording.id,
    bytes: recording.bytes,
    format: header?.format ?? '',
    channels: header?.channels.filter(({ kind }) => kind !== 'annotations').length ?? 0,
    durationS: header?.durationS ?? 0,
    codes: [...new Set(serious.map(({ code }) => code))],
    reason:
      recording.refusal?.replaceAll(recording.path, 'The file') ??
      (twin !== null ? `Same content as ${twin}; it is counted and used once.` : (serious[0]?.effect ?? '')),
  };
}
