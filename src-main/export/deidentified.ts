/** What was done to everything that could tell who somebody is, field by field, and the proof by search. */
import { AppError } from '#shared/errors.ts';
import type { CardDraft } from '#shared/views.ts';
import type { ExportFolder } from './export-folder.ts';
import { createIdentifierSearch } from './identifier-search.ts';
import { needlesOf } from './needles.ts';
import type { PseudonymKey } from './pseudonyms.ts';

export type DeidentifiedField = CardDraft['deidentification'][number];

/** The table of every card. EEG itself can identify a person, so nothing here says “anonymous”. */
export function deidentifiedFields(options: {
  /** Whether recordings are part of the export; default true. */
  signals?: boolean;
  keepSex: boolean;
  keepAnnotations: boolean;
}): DeidentifiedField[] {
  const { signals = true, keepSex, keepAnnotations } = options;
  const none = (field: string): DeidentifiedField => ({
    field,
    action: 'not applicable',
    how: 'This export holds no recordings.',
  });
  return [
    {
      field: 'Patient name, number, birth date',
      action: 'removed',
      how: 'Never copied; EDF says “X X X X”.',
    },
    {
      field: 'Subject names',
      action: 'replaced',
      how: 'Numbers in random order; the key stays in the study.',
    },
    {
      field: 'Recording, file and folder names',
      action: 'replaced',
      how: 'Numbers in random order; the key stays in the study.',
    },
    {
      field: 'Dates and clock times',
      action: 'removed',
      how: 'Times are seconds from the start of a recording; EDF says 01.01.85 00.00.00.',
    },
    { field: 'Technician, device, transducer and filter texts', action: 'removed', how: 'Never copied.' },
    signals
      ? keepAnnotations
        ? { field: 'Annotation texts', action: 'kept', how: 'As asked for; searched like everything else.' }
        : { field: 'Annotation texts', action: 'removed', how: 'Only the marks at joints are written.' }
      : none('Annotation texts'),
    signals
      ? keepSex
        ? { field: 'Sex', action: 'kept', how: 'As asked for, in subjects.csv.' }
        : { field: 'Sex', action: 'removed', how: 'Never copied.' }
      : none('Sex'),
    { field: 'Source paths in parameters', action: 'removed', how: 'Inputs are named by their hash.' },
  ];
}

/**
 * Looks for every identifier in every file of the export, names of files included.
 *
 * @param sought what to look for, each with the words that are exported on purpose: labels, electrodes, the card's own text
 * @throws AppError 'not-verified' naming files and kinds, never the identifier itself
 */
export async function searchIdentifiers(
  folder: ExportFolder,
  sought: readonly { identifiers: Iterable<string>; deliberate: Iterable<string> }[],
): Promise<{ identifiersFound: 0; searched: number; passedOver: number }> {
  const spelled = sought.map(({ identifiers, deliberate }) => needlesOf(identifiers, deliberate));
  const search = createIdentifierSearch(spelled.flatMap(({ needles }) => needles));
  const hits: { path: string; offset: number; encoding: string; characters: number }[] = [];
  for (const { path } of folder.files) {
    const found = [
      ...search.bytes(new TextEncoder().encode(path)),
      ...(await search.file(folder.absolute(path))),
    ];
    for (const { offset, needle } of found)
      hits.push({ path, offset, encoding: needle.encoding, characters: needle.text.length });
  }
  if (hits.length > 0) {
    const files = [...new Set(hits.map(({ path }) => path))];
    throw new AppError(
      'not-verified',
      `Names, numbers or dates of the sources were found ${hits.length} times in ${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more files` : ''}. The export was removed again; leave out annotation texts and look at labels, reasons and the card.`,
      { details: { identifiersFound: hits.length, hits: hits.slice(0, 50) } },
    );
  }
  return {
    identifiersFound: 0,
    searched: new Set(spelled.flatMap(({ texts }) => [...texts])).size,
    passedOver: spelled.reduce((sum, { passedOver }) => sum + passedOver, 0),
  };
}

/**
 * Replaces old names of people and recordings inside free texts, the longest first. Names of fewer than four characters stay:
 * they would be found inside ordinary words and numbers; the search for identifiers has the last word.
 */
export function createRenamer({ subjects, recordings }: PseudonymKey): (text: string) => string {
  const names = new Map(Object.entries({ ...subjects, ...recordings }).filter(([old]) => old.length >= 4));
  if (names.size === 0) return (text) => text;
  const escaped = [...names.keys()]
    .sort((a, b) => b.length - a.length)
    .map((old) => old.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const any = new RegExp(escaped.join('|'), 'g');
  const known = new Map<string, string>();
  return (text) => {
    let renamed = known.get(text);
    if (renamed === undefined) {
      renamed = text.replace(any, (old) => names.get(old)!);
      known.set(text, renamed);
    }
    return renamed;
  };
}

/** @throws AppError 'internal' when a name has no pseudonym: nothing may be exported under its own name */
export function pseudonymOf(key: PseudonymKey, kind: keyof PseudonymKey, name: string): string {
  const given = key[kind][name];
  if (given === undefined)
    throw new AppError('internal', `One of the ${kind} has no new name; nothing was exported.`);
  return given;
}
