/** What was handed over, and the card that goes with it. */
import type { CardDraft, ExportView } from '#shared/views.ts';
import { cardFields } from '#main/export/card-fields.ts';
import { deidentifiedFields } from '#main/export/deidentified.ts';
import { os } from './implementer.ts';
import type { Studies } from './study.ts';

export function exportService(studies: Studies) {
  return os.exports.router({
    list: os.exports.list.handler((): ExportView[] =>
      studies
        .current()
        .catalog.artifacts.list('export')
        .map((manifest) => ({
          id: manifest.id,
          createdAt: manifest.createdAt,
          ...(manifest.summary as Omit<ExportView, 'id' | 'createdAt'>),
        })),
    ),
    card: os.exports.card.handler(({ input }): CardDraft => ({
      title: '',
      fields: cardFields(input.what),
      deidentification: deidentifiedFields({
        signals: input.what === 'subset',
        keepSex: false,
        keepAnnotations: false,
      }),
    })),
  });
}
