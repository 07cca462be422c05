/** A question over the page, with a key for each answer. */
export interface KeyQuestion {
  title: string;
  answers: readonly { key: string; text: string; run: () => void }[];
  /** Takes words of the reader's own. */
  onText?: (text: string) => void;
}
