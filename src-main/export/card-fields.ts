/** What only people can say on a card: title, licence, consent and limits, with what is asked for first. */
import type { CardDraft } from '#shared/views.ts';

type CardField = CardDraft['fields'][number];

const subsetFields: readonly CardField[] = [
  { name: 'title', label: 'Title', text: '', required: true },
  { name: 'description', label: 'What it is', text: '', required: false },
  { name: 'consent', label: 'Which consent covers sharing', text: '', required: true },
  { name: 'licence', label: 'Licence', text: '', required: true },
  {
    name: 'purpose',
    label: 'Intended use',
    text: 'Research on emotion recognition from EEG.',
    required: false,
  },
  { name: 'limits', label: 'Known limits', text: '', required: false },
  { name: 'contact', label: 'Contact', text: '', required: false },
];

/** Fields of an empty card; only a subset asks for consent, since only it holds recordings. */
export function cardFields(what: 'subset' | 'model' | 'report'): CardField[] {
  return subsetFields
    .filter(({ name }) => what === 'subset' || name !== 'consent')
    .map((field) => ({ ...field }));
}

/** The text for a field, or that nobody stated it. */
export function cardText(card: Readonly<Record<string, string>>, name: string): string {
  const given = card[name]?.trim();
  const preset = subsetFields.find((field) => field.name === name)?.text;
  return given || preset || 'Not stated.';
}
