/** Every refusal Limbeck can utter: a code from a closed list, a sentence with the remedy, and the facts behind it. */

export const errorCodes = [
  'invalid-input', // a value the caller gave is out of range, malformed or contradictory
  'not-found', // a file, recording, artifact or job that was named does not exist
  'not-eeg', // the file is not a recording in any format known here
  'damaged-file', // a recording whose damage leaves nothing usable
  'unsupported', // understood, but not possible here (format variant, algebra, engine)
  'newer-version', // made by a newer Limbeck
  'locked', // another process holds this study
  'read-only', // the folder or file cannot be written
  'disk-full',
  'no-data', // nothing left to work on: no segments, no labels, no channels in common
  'leak', // training and test data overlap
  'engine-failed', // no engine passed its self-test, or the engine died
  'diverged', // a loss or weight became NaN or infinite
  'cancelled', // stopped by the user or a signal; a checkpoint may exist
  'conflict', // the thing changed since it was read, or already exists with other content
  'not-verified', // read back differs from what was written
  'internal', // a bug in Limbeck
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * The only error Limbeck throws on purpose. The message is one or two sentences for a clinician: what, why, what to do.
 *
 * @param code    one of {@link errorCodes}; callers branch on it
 * @param message names the thing and the remedy
 * @param options `cause`: the underlying error; `details`: plain JSON facts for a report
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }

  toJSON(): { code: ErrorCode; message: string; details: Record<string, unknown> } {
    return { code: this.code, message: this.message, details: this.details };
  }

  static from(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const code = String((error as { code?: unknown } | undefined)?.code ?? '');
    // SQLite tells more than is needed behind the second underscore: 'SQLITE_IOERR_WRITE'.
    const known = systemErrors[code] ?? systemErrors[code.split('_', 2).join('_')];
    if (known) return new AppError(known[0], `${known[1]} (${(error as Error).message})`, { cause: error });
    const message = error instanceof Error ? error.message : String(error);
    return new AppError('internal', `Limbeck met a fault of its own: ${message}`, {
      cause: error,
      details: { stack: error instanceof Error ? error.stack : undefined },
    });
  }
}

const systemErrors: Record<string, [ErrorCode, string]> = {
  ENOSPC: ['disk-full', 'The disk is full; free some space and run the same step again, nothing is lost.'],
  EDQUOT: [
    'disk-full',
    'The disk quota is used up; free some space and run the same step again, nothing is lost.',
  ],
  EROFS: ['read-only', 'The folder is on a read-only drive; choose a folder that can be written.'],
  EACCES: ['read-only', 'Permission was denied; choose another folder or ask for access.'],
  EPERM: ['read-only', 'Permission was denied; choose another folder or ask for access.'],
  EEXIST: ['conflict', 'Something of this name is there already; choose another name or move it away.'],
  ENOTDIR: ['not-found', 'A part of the path is a file and no folder; check the path.'],
  EISDIR: ['invalid-input', 'A folder was named where a file is needed; check the path.'],
  ENAMETOOLONG: ['invalid-input', 'The path is longer than this system allows; choose a shorter one.'],
  EIO: ['damaged-file', 'The drive reports a fault; copy the file to another drive and try again.'],
  SQLITE_FULL: [
    'disk-full',
    'The disk is full; free some space and run the same step again, nothing is lost.',
  ],
  SQLITE_READONLY: ['read-only', 'The study can no longer be written; choose a folder that can be written.'],
  SQLITE_IOERR: [
    'read-only',
    'The drive of the study does not take what is written; check its connection and its free space, then try again.',
  ],
  ENOENT: ['not-found', 'A file or folder is not there; check the path or reconnect the drive.'],
};
