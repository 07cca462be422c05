/** The card of a model: what it learned from, how well it does beside chance, for whom worst, and what it is not for. */
import type { EvaluationReport } from '#shared/metrics.ts';
import { cardText } from './card-fields.ts';
import type { CardText } from './export-input.ts';
import { researchUse, type LineageStep } from './export-manifest.ts';
import { markdownTable, percent, yaml } from './markdown.ts';
import { chanceWords, estimateText, intervalWords, metricLines, splitWords } from './metric-text.ts';

export interface ModelCardInput {
  card: CardText;
  config: Readonly<Record<string, unknown>>;
  tensors: number;
  parameters: number;
  lineage: readonly LineageStep[];
  /** Under new names; null for a model that was not tested. */
  report: EvaluationReport | null;
  limbeck: string;
}

export function modelCard({
  card,
  config,
  tensors,
  parameters,
  lineage,
  report,
  limbeck,
}: ModelCardInput): string {
  const title = cardText(card, 'title');
  return [
    yaml({
      pretty_name: title,
      license: cardText(card, 'licence'),
      tags: ['eeg', 'emotion-recognition', 'research-use'],
      library_name: 'safetensors',
      generated_by: `Limbeck ${limbeck}`,
    }),
    `# ${title}`,
    `**${researchUse}**`,
    cardText(card, 'description'),
    '## What it is',
    `${parameters} parameters in ${tensors} tensors (\`weights.safetensors\`, float32); how they are put together is in \`config.json\`. \`load_limbeck.py\` loads both.`,
    `\`\`\`json\n${JSON.stringify(config, null, 2)}\n\`\`\``,
    '## What it learned from',
    ...lineage.map(
      ({ kind, id, hash, seed, engine, params }) =>
        `- ${kind} ${id} (${hash}), seed ${seed}${engine ? `, engine ${engine}` : ''}: \`${JSON.stringify(params)}\``,
    ),
    '## How well it does',
    ...(report ? performance(report) : ['It was not tested; nothing is claimed.']),
    '## Use',
    `Intended use: ${cardText(card, 'purpose')}`,
    'Not for: diagnosis, treatment, or any decision about a person. A number above chance for a group says little about one person.',
    `Known limits: ${cardText(card, 'limits')}`,
    `Licence: ${cardText(card, 'licence')}`,
    `Contact: ${cardText(card, 'contact')}`,
    '',
  ].join('\n\n');
}

function performance(report: EvaluationReport): string[] {
  const worst = report.perSubject[0];
  return [
    ...(report.caution ? [`> **${report.caution}**`] : []),
    `Tested on: ${splitWords[report.split]} (${report.folds} folds, ${report.segments} segments, ${report.trials} trials, ${report.subjects} subjects).`,
    markdownTable(
      ['Measure', 'Value (interval)'],
      [
        ...metricLines(report).map(({ title, text }) => [title, text]),
        ['Right answers by trial', estimateText(report.trialAccuracy, true)],
      ],
    ),
    intervalWords(report),
    chanceWords(report),
    ...(worst
      ? [
          `Worst subject: ${worst.subject}, ${percent(worst.accuracy)} right of ${worst.segments} segments. Worst fifth: ${percent(report.worstFifth.accuracy)}.`,
        ]
      : []),
    `Certainty is off by ${percent(report.reliability.error)} on average (expected calibration error).`,
    report.leaks.length > 0
      ? `Leaks found: ${report.leaks.map(({ words, count }) => `${words} (${count})`).join(' ')}`
      : 'Leaks found: none.',
    ...report.notes,
  ];
}
