/** What only people can say on a card: title, licence, consent and limits, with what is asked for first. */
import { fieldsOf } from '#shared/fields.ts';
import { exportCard, type ExportCard } from '#shared/params/export.ts';
import type { CardDraft } from '#shared/views.ts';
import type { CardText } from './export-input.ts';

type CardField = CardDraft['fields'][number];

/** What is filled in unless somebody says otherwise. */
const presets: Readonly<Record<string, string>> = { purpose: 'Research on emotion recognition from EEG.' };
const required: readonly string[] = ['title', 'consent', 'licence'];

/** Fields of an empty card; only a subset asks for consent, since only it holds recordings. */
export function cardFields(what: 'subset' | 'model' | 'report'): CardField[] {
  return fieldsOf(exportCard)
    .filter(({ name }) => what === 'subset' || name !== 'consent')
    .map(({ name, title }) => ({
      name,
      label: title,
      text: presets[name] ?? '',
      required: required.includes(name),
    }));
}

/** The text for a field, or that nobody stated it. */
export function cardText(card: CardText, name: keyof ExportCard): string {
  return card[name]?.trim() || presets[name] || 'Not stated.';
}
