/** What every reader refuses before it touches the file: a window without numbers, a channel that is not there, a closed recording. */
import { AppError } from '#shared/errors.ts';
import type { Recording } from './reader.ts';

/**
 * @param startS,seconds the window, s from the recording's start
 * @param channels  positions in the header's list
 * @throws AppError 'internal' once closed · 'invalid-input'
 */
export function checkReadRequest(
  { path, header }: Pick<Recording, 'path' | 'header'>,
  closed: boolean,
  startS: number,
  seconds: number,
  channels: readonly number[],
): void {
  if (closed) throw new AppError('internal', `${path} was closed before it was read; open it again.`);
  if (!Number.isFinite(startS) || !(seconds >= 0) || !Number.isFinite(seconds))
    throw new AppError(
      'invalid-input',
      `${startS} s + ${seconds} s is no window; give seconds from the start.`,
    );
  const unknown = channels.find((channel) => !header.channels[channel]);
  if (unknown !== undefined)
    throw new AppError(
      'invalid-input',
      `${path} has no channel number ${unknown}; choose one that it lists.`,
    );
}
