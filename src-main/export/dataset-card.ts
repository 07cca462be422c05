/** The data card of a subset: Markdown with YAML front matter, filled in from the data. */
import { markdownTable, percent, yaml } from './markdown.ts';
import { cardText } from './card-fields.ts';
import type { CardText } from './export-input.ts';
import type { DeidentifiedField } from './deidentified.ts';
import { researchUse, type LineageStep } from './export-manifest.ts';
import type { IndexRow } from './index-tables.ts';
import { isHandedOver } from './segment-row.ts';

export interface DatasetCardInput {
  card: CardText;
  rows: readonly IndexRow[];
  groups: readonly { name: string; electrodes: readonly string[]; sfreqHz: number; samples: number }[];
  lineage: readonly LineageStep[];
  deidentification: readonly DeidentifiedField[];
  formats: readonly string[];
  limbeck: string;
}

/** Shares that differ from the source's by less than this are not worth a line. */
const notable = 1.1;

export function datasetCard(input: DatasetCardInput): string {
  const { card, rows, groups, lineage, formats } = input;
  const kept = rows.filter(isHandedOver);
  const hours = kept.reduce((sum, { durationS }) => sum + durationS, 0) / 3600;
  const title = cardText(card, 'title');
  const distilled = lineage.find(({ kind }) => kind === 'distillate');
  const rejected = countBy(
    rows.filter(({ fate }) => fate === 'rejected'),
    ({ reason }) => reason,
  );
  return [
    yaml({
      pretty_name: title,
      license: cardText(card, 'licence'),
      tags: ['eeg', 'distilled', 'de-identified'],
      task_categories: ['time-series-classification'],
      size_segments: kept.length,
      generated_by: `Limbeck ${input.limbeck}`,
    }),
    `# ${title}`,
    `**${researchUse}**`,
    cardText(card, 'description'),
    '## What is in it',
    `${kept.length} of ${rows.length} segments (${percent(kept.length / rows.length)}), ${hours.toFixed(2)} hours of ${new Set(kept.map((row) => row.subjectName)).size} subjects and ${new Set(kept.map((row) => row.recordingName)).size} recordings.`,
    markdownTable(
      ['Group', 'Segments', 'Subjects', 'Sites', 'Rate, Hz', 'Length, s'],
      groups.map(({ name, electrodes, sfreqHz, samples }) => {
        const mine = kept.filter(({ groupName }) => groupName === name);
        return [
          name,
          mine.length,
          new Set(mine.map(({ subjectName }) => subjectName)).size,
          electrodes.length,
          sfreqHz,
          samples / sfreqHz,
        ];
      }),
    ),
    `Files: ${formats.join(', ')}. Signals are in µV, prepared as the parameters in \`manifest.json\` say. \`segments.csv\` gives order, difference and reason for every segment, kept or not; \`rejected.csv\` what was rejected. \`load_limbeck.py\` loads it.`,
    '## How it was chosen',
    distilled
      ? `By Limbeck ${distilled.limbeck}, seed ${distilled.seed}, result ${distilled.hash}:`
      : 'Taken whole; nothing was chosen.',
    distilled ? `\`\`\`json\n${JSON.stringify(distilled.params, null, 2)}\n\`\`\`` : '',
    '## Over- and under-represented',
    representation(rows, kept),
    '## Rejected',
    rejected.length > 0 ? markdownTable(['Reason', 'Segments'], rejected) : 'Nothing was rejected.',
    '## De-identification',
    'EEG itself can identify a person; this export is de-identified, which is less. After writing, every file was searched for the names, numbers and dates of the sources in four encodings; none was found.',
    markdownTable(
      ['Field', 'What was done', 'How'],
      input.deidentification.map(({ field, action, how }) => [field, action, how]),
    ),
    '## Use',
    `Intended use: ${cardText(card, 'purpose')}`,
    `Known limits: ${cardText(card, 'limits')}`,
    `Consent: ${cardText(card, 'consent')}`,
    `Licence: ${cardText(card, 'licence')}`,
    `Contact: ${cardText(card, 'contact')}`,
    '',
  ]
    .filter((part, i, all) => part !== '' || i === all.length - 1)
    .join('\n\n');
}

/** Share among the kept against share among all, by label, group and subject. */
function representation(rows: readonly IndexRow[], kept: readonly IndexRow[]): string {
  const kinds: [string, (row: IndexRow) => string | null][] = [
    ['label', ({ label }) => label],
    ['group', ({ groupName }) => groupName],
    ['subject', ({ subjectName }) => subjectName],
  ];
  const lines = kinds.flatMap(([kind, of]) => {
    const all = new Map(countBy(rows, of));
    const mine = new Map(countBy(kept, of));
    const total = [...all.values()].reduce((sum, n) => sum + n, 0);
    const totalKept = [...mine.values()].reduce((sum, n) => sum + n, 0);
    return [...all].flatMap(([name, count]): [string, string, string, string, string][] => {
      const share = totalKept === 0 ? 0 : (mine.get(name) ?? 0) / totalKept;
      const factor = share / (count / total);
      return factor > notable || factor < 1 / notable
        ? [[kind, name, percent(count / total), percent(share), `× ${factor.toFixed(2)}`]]
        : [];
    });
  });
  return lines.length === 0
    ? 'Labels, groups and subjects keep their shares within a tenth.'
    : markdownTable(['Kind', 'Which', 'Share in the source', 'Share here', 'Factor'], lines);
}

/** Largest first; null is not counted. */
function countBy<T>(items: readonly T[], of: (item: T) => string | null): [string, number][] {
  const counts = new Map<string, number>();
  for (const item of items) {
    const name = of(item);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
