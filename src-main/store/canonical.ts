/** Canonical JSON and its SHA-256: the same facts always give the same text, so that a hash can name them. */
import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';

/**
 * JSON with sorted keys and no spaces; members that are undefined are left out.
 *
 * @throws AppError 'internal' for what JSON cannot say: NaN, infinities, functions, undefined in an array
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  throw new AppError(
    'internal',
    `A value that JSON cannot hold (${String(value)}) was about to be recorded. Please report this.`,
  );
}

/** Lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
