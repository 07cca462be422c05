/** What every export is told besides its contents. */
import type { Manifest } from '#shared/artifacts.ts';
import type { Progress } from '#shared/jobs.ts';
import type { ExportCard } from '#shared/params/export.ts';
import type { Random } from '#shared/random.ts';
import type { PseudonymKey } from './pseudonyms.ts';

/** Fields of the card by name. */
export type CardText = Readonly<ExportCard>;

/** What must not leave the house. */
export interface Identifiers {
  /** Names, patient fields, 'YYYY-MM-DDTHH:MM:SS' starts: never excused. */
  people: readonly string[];
  /** Paths and folder names; a word of the card or a label may coincide with a part of them. */
  files: readonly string[];
}

export interface ExportInput {
  /** The folder to be made; must not exist, or be empty. */
  out: string;
  /** What is exported first, then what it was made from. */
  manifests: readonly Manifest[];
  identifiers: Identifiers;
  card: CardText;
  /** Version of the application. */
  limbeck: string;
  /** Draws the order of new names. */
  random: Random;
  /** New names given earlier, so that two exports agree; the result brings the extended key. */
  key?: PseudonymKey;
  progress: Progress;
}
