/** Reads pieces of a recording into the same arrays again and again, for a pass over the whole of it. */
import type { Recording } from './reader.ts';

export interface ReadChannel {
  /** In the recording's list. */
  position: number;
  sfreqHz: number;
  /** Multiplies what the recording gives. */
  factor: number;
}

/**
 * @param channels all at one rate
 * @returns a reader of windows as `Recording.read` gives them; what it gave is overwritten by the next call
 */
export function readAgain(
  recording: Recording,
  channels: readonly ReadChannel[],
): (startS: number, seconds: number) => Promise<Float32Array[]> {
  const positions = channels.map(({ position }) => position);
  let arrays: Float32Array[] = [];
  return async (startS, seconds) => {
    const { sfreqHz } = channels[0]!;
    const length = Math.round((startS + seconds) * sfreqHz) - Math.round(startS * sfreqHz);
    if ((arrays[0]?.length ?? 0) < length) arrays = channels.map(() => new Float32Array(length));
    const targets = arrays.map((array) => array.subarray(0, length));
    await recording.readInto(startS, positions, targets);
    channels.forEach(({ factor }, row) => {
      const values = targets[row]!;
      if (factor !== 1) for (let i = 0; i < values.length; i++) values[i]! *= factor;
    });
    return targets;
  };
}
