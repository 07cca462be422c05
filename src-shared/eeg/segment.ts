/** Segments: equal stretches of prepared EEG, the unit that is kept, left out or rejected. */

/**
 * All segments of one source data set. They share electrodes, rate and length, so a batch of one group is a plain array.
 * Rows of a group are contiguous: indices first … first + count − 1 of the whole store.
 */
export interface SegmentGroup {
  /** Name of the source data set. */
  name: string;
  /** Union over the group's recordings, in schema order; length C. */
  electrodes: string[];
  sfreqHz: number;
  /** Samples per segment, T. */
  samples: number;
  first: number;
  count: number;
}

export interface Segment {
  /** Row in the whole store; the identity that travels through every later step. */
  index: number;
  /** Position in the store's groups. */
  group: number;
  recording: string;
  subject: string;
  startS: number;
  durationS: number;
}

/** The one way to prepared signals: a store on disk in the application, an array in a test. */
export interface SegmentSource {
  readonly groups: readonly SegmentGroup[];
  /** All segments in index order. */
  readonly segments: readonly Segment[];
  /**
   * Signals of segments of one group.
   * @param indices rows of the same group
   * @returns [indices.length, C, T] in µV; an electrode that a recording lacks is all zeros
   */
  read(indices: ArrayLike<number>): Promise<Float32Array>;
  /** [C] 1 where the segment's recording has the group's electrode. */
  present(index: number): Uint8Array;
}

/** What somebody or some file said about a stretch of a recording. */
export interface LabelSpan {
  recording: string;
  startS: number;
  /** null: to the end of the recording. */
  endS: number | null;
  label: string;
  subject?: string;
  session?: string;
  trial?: string;
}

/** A segment that lies wholly inside one label span. */
export interface LabelledSegment {
  index: number;
  label: string;
  subject: string;
  session: string;
  /** Segments of one trial never part: same recording and trial, or same span when trials are not named. */
  trial: string;
  recording: string;
}

/**
 * Gives each segment the label of the span that holds it entirely; a segment across a border or in two different labels gets none.
 */
export function labelSegments(segments: readonly Segment[], spans: readonly LabelSpan[]): LabelledSegment[] {
  const byRecording = Map.groupBy(
    spans.map((span, position) => ({ ...span, position })),
    (span) => span.recording,
  );
  const tolerance = 1e-6;
  return segments.flatMap((segment) => {
    const holding = (byRecording.get(segment.recording) ?? []).filter(
      (span) =>
        span.startS <= segment.startS + tolerance &&
        (span.endS === null || span.endS >= segment.startS + segment.durationS - tolerance),
    );
    const first = holding[0];
    if (!first || holding.some((span) => span.label !== first.label)) return [];
    return [
      {
        index: segment.index,
        label: first.label,
        subject: first.subject ?? segment.subject,
        session: first.session ?? '',
        trial: `${segment.recording}/${first.trial ?? `${first.startS}`}`,
        recording: segment.recording,
      },
    ];
  });
}
