/** One step of a job as the strip of phases shows it. */
export interface Phase {
  name: string;
  state: 'done' | 'now' | 'todo' | 'lost';
  /** 'Learn' becomes 'Learn, pass 18 of 50'. */
  detail?: string | undefined;
  /** Second line: time taken, or the range it may take. */
  time?: string | undefined;
  /** 0…1, on the current phase. */
  share?: number | null | undefined;
  /** Right end of the first line. */
  aside?: string | undefined;
}
