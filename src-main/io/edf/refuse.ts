/** Says what a file is that carries an EDF or BDF name but holds no header. */
import { AppError } from '#shared/errors.ts';

/** @throws AppError 'not-eeg' | 'damaged-file' unless the first bytes can be an EDF or BDF header */
export function refuseForeign(bytes: Uint8Array, size: number, path: string): void {
  if (size === 0)
    throw new AppError('damaged-file', `${path} is empty (0 bytes). Copy it again from the recorder.`);
  const head = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  if (head.startsWith('version https://git-lfs'))
    throw new AppError(
      'not-eeg',
      `${path} is a Git LFS pointer, a note of where the recording lies, not the recording. Fetch it with "git lfs pull" and try again.`,
    );
  if (!looksLikeEdf(bytes)) {
    const kind = foreignKinds.find(([pattern]) => pattern.test(head))?.[1];
    const readable = /^[\x09\x0a\x0d\x20-\x7e]*$/.test(head);
    throw new AppError(
      'not-eeg',
      `${path} is not an EDF or BDF recording${kind ? `; it looks like ${kind}` : readable ? '; it holds plain text' : ''}. Choose the original recording.`,
    );
  }
  if (size < 256)
    throw new AppError(
      'damaged-file',
      `${path} ends inside its header (${size} of at least 256 bytes). Copy it again from the recorder.`,
    );
}

/**
 * Whether the fixed part of the header makes sense, whatever the version field says.
 *
 * @param head the first 256 bytes, or as many as there are
 */
export function looksLikeEdf(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 256)).toString('latin1');
  if (text.startsWith('\xffBIOSEMI')) return true;
  if (text.startsWith('0       ')) return true;
  if (text.length < 256) return false;
  const number = (at: number, width: number) =>
    /^\s*-?\d+([.,]\d+)?[\s\0]*$/.test(text.slice(at, at + width));
  return number(184, 8) && number(236, 8) && number(244, 8) && number(252, 4);
}

const foreignKinds: readonly [RegExp, string][] = [
  [/^PK/, 'a ZIP archive; unpack it first'],
  [/^\x1f\x8b/, 'a gzip archive; unpack it first'],
  [/^%PDF/, 'a PDF document'],
  [/^\s*<(!doctype|html)/i, 'a web page, probably a download that failed'],
  [/^Brain ?Vision/i, 'a BrainVision header'],
  [/^GDF /, 'a GDF recording, which is not supported yet'],
];
