/** Annotations of a recording (EDF+, markers of a table) as label spans. */
import type { Annotation } from '#shared/eeg/recording.ts';
import type { LabelSpan } from '#shared/eeg/segment.ts';

/**
 * Each annotation is a trial of its own. One with a duration spans it; a point in time spans up to the next point, the last one
 * to the end, which is how task cues are usually marked.
 *
 * @param texts which texts count as labels; all when left out
 */
export function annotationLabels(
  recording: string,
  annotations: readonly Annotation[],
  durationS: number,
  texts?: ReadonlySet<string>,
): LabelSpan[] {
  const used = annotations
    .filter(({ text }) => text.trim() !== '' && (texts === undefined || texts.has(text)))
    .toSorted((a, b) => a.onsetS - b.onsetS);
  return used.flatMap((annotation, i) => {
    const startS = Math.max(0, annotation.onsetS);
    const endS =
      annotation.durationS > 0
        ? annotation.onsetS + annotation.durationS
        : (used.slice(i + 1).find(({ onsetS }) => onsetS > annotation.onsetS)?.onsetS ?? durationS);
    const end = Math.min(endS, durationS);
    return end > startS
      ? [{ recording, startS, endS: end, label: annotation.text.trim(), trial: String(i + 1) }]
      : [];
  });
}
