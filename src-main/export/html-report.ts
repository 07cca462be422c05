/** An evaluation on one page that opens anywhere, offline: no scripts, no links, pictures drawn inside. Always light. */
import type { EvaluationReport, ReliabilityBin } from '#shared/metrics.ts';
import { cardText } from './card-fields.ts';
import type { CardText } from './export-input.ts';
import { researchUse, type LineageStep } from './export-manifest.ts';
import { percent } from './markdown.ts';
import { chanceWords, estimateText, intervalWords, metricLines, splitWords } from './metric-text.ts';

export interface HtmlReportInput {
  card: CardText;
  /** One or more models tested on the same folds, under new names; the first is the one reported in full. */
  reports: readonly { name: string; report: EvaluationReport }[];
  lineage: readonly LineageStep[];
  limbeck: string;
}

export function htmlReport({ card, reports, lineage, limbeck }: HtmlReportInput): string {
  const { name, report } = reports[0]!;
  const given = card.title?.trim();
  const title = given ? given : `Evaluation of ${name}`;
  const body = [
    `<h1>${text(title)}</h1>`,
    `<p class="use">${text(researchUse)}</p>`,
    report.caution ? `<p class="caution">${text(report.caution)}</p>` : '',
    headline(report),
    section('Measures', metricTable(report)),
    reports.length > 1 ? section('Models on the same folds', comparison(reports)) : '',
    section('Answers by class', confusionTable(report)),
    section('Subjects, worst first', subjectTable(report)),
    section(
      'Can its certainty be believed',
      `<p>On average off by ${percent(report.reliability.error)}. On the line, it is as often right as it says.</p>${reliabilityPlot(report.reliability.bins)}`,
    ),
    section(
      'Leaks and notes',
      list([
        ...(report.leaks.length === 0
          ? ['No file, trial, stretch of time or person was found on both sides of a fold.']
          : report.leaks.map(({ words, count }) => `${words} (${count})`)),
        ...report.notes,
      ]),
    ),
    section('How it came to be', lineageTable(lineage)),
    `<p class="quiet">Limbeck ${text(limbeck)}. Contact: ${text(cardText(card, 'contact'))}</p>`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title><style>${style}</style></head>
<body><main>${body.filter((part) => part !== '').join('\n')}</main></body></html>
`;
}

const style = `
:root{color-scheme:light}body{margin:0;background:#fff;color:#1c1c1a;font:14px/22px "IBM Plex Sans",system-ui,sans-serif}
main{max-width:860px;margin:0 auto;padding:32px 24px 64px}h1{font-size:28px;line-height:32px;margin:0 0 8px}
h2{font-size:16px;line-height:22px;margin:32px 0 8px}p{max-width:68ch;margin:8px 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:4px 12px 4px 0;text-align:left;border-bottom:1px solid #ddd;vertical-align:top}
th{font-weight:600}td.n,th.n{text-align:right}.use{font-weight:600}.caution{background:#fbe3e0;border-left:4px solid #b3261e;padding:8px 12px}
.strip{display:flex;flex-wrap:wrap;gap:12px 40px;margin:16px 0}.strip b{display:block;font-size:20px;line-height:26px}
.quiet,small{color:#5c5c58}code{font:12px/18px "IBM Plex Mono",ui-monospace,monospace;word-break:break-word}td.cell{text-align:right;padding:4px 10px;border:1px solid #fff}`;

function headline(report: EvaluationReport): string {
  const worst = report.perSubject[0];
  const items = [
    ['Right answers', estimateText(report.metrics.accuracy, true)],
    ['By trial', estimateText(report.trialAccuracy, true)],
    ['Could be luck up to', percent(report.chance.upTo)],
    ['Leaks', report.leaks.length === 0 ? 'none found' : `${report.leaks.length} kinds`],
    ...(worst ? [['Worst subject', `${worst.subject}: ${percent(worst.accuracy)}`]] : []),
  ];
  const strip = items.map(([label, value]) => `<div>${text(label!)}<b>${text(value!)}</b></div>`).join('');
  const tested = `${splitWords[report.split]}; ${report.folds} folds, ${report.segments} segments, ${report.trials} trials, ${report.subjects} subjects.`;
  return `<div class="strip">${strip}</div><p>Tested on: ${text(tested)}</p><p>${text(chanceWords(report))}</p><p>${text(intervalWords(report))}</p>`;
}

function metricTable(report: EvaluationReport): string {
  return table(
    ['Measure', 'Value (interval)', 'What it says'],
    metricLines(report).map(({ title, text: value, plain }) => [title, value, plain]),
  );
}

function comparison(reports: HtmlReportInput['reports']): string {
  return table(
    ['Model', 'Right answers', 'Classes alike', 'κ', 'By trial', 'Worst fifth'],
    reports.map(({ name, report }) => [
      name,
      estimateText(report.metrics.accuracy, true),
      estimateText(report.metrics.balancedAccuracy, true),
      estimateText(report.metrics.kappa, false),
      estimateText(report.trialAccuracy, true),
      percent(report.worstFifth.accuracy),
    ]),
  );
}

function confusionTable({ classes, confusion }: EvaluationReport): string {
  const head = `<tr><th>It was, and it answered</th>${classes.map((name) => `<th class="n">${text(name)}</th>`).join('')}</tr>`;
  const rows = confusion.map((row, truth) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    const cells = row.map((n) => {
      const share = total === 0 ? 0 : n / total;
      const ink = share > 0.55 ? '#fff' : '#1c1c1a';
      return `<td class="cell" style="background:rgb(31 78 121 / ${share.toFixed(2)});color:${ink}">${n}<br>${total === 0 ? '–' : percent(share, 0)}</td>`;
    });
    return `<tr><th>${text(classes[truth]!)}</th>${cells.join('')}</tr>`;
  });
  return `<table>${head}${rows.join('')}</table>`;
}

function subjectTable(report: EvaluationReport): string {
  return table(
    ['Subject', 'Right answers', 'Classes alike', 'κ', 'Segments', 'Trials'],
    report.perSubject.map((row) => [
      row.subject,
      percent(row.accuracy),
      row.balancedAccuracy === null ? 'no value' : percent(row.balancedAccuracy),
      row.kappa === null ? 'no value' : row.kappa.toFixed(3).replace('-', '−'),
      row.segments,
      row.trials,
    ]),
  );
}

/** Certainty to the right, share of right answers upwards; the area of a dot is the number of segments. */
function reliabilityPlot(bins: readonly ReliabilityBin[]): string {
  const size = 240;
  const x = (share: number) => 32 + share * size;
  const y = (share: number) => 8 + (1 - share) * size;
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const dots = bins.flatMap(({ certainty, accuracy, count }) =>
    certainty === null || accuracy === null
      ? []
      : [
          `<circle cx="${x(certainty).toFixed(1)}" cy="${y(accuracy).toFixed(1)}" r="${(2 + 8 * Math.sqrt(count / most)).toFixed(1)}" fill="#1f4e79" fill-opacity=".8"><title>certainty ${percent(certainty)}, right ${percent(accuracy)}, ${count} segments</title></circle>`,
        ],
  );
  const ticks = [0, 0.5, 1].map(
    (at) =>
      `<text x="${x(at)}" y="${y(0) + 16}" text-anchor="middle">${at * 100} %</text><text x="28" y="${y(at) + 4}" text-anchor="end">${at * 100}</text>`,
  );
  return `<svg width="300" height="292" viewBox="0 0 300 292" role="img" aria-label="Certainty against share of right answers" font-size="11" fill="#5c5c58"><rect x="32" y="8" width="${size}" height="${size}" fill="none" stroke="#ccc"/><line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#999" stroke-dasharray="4 3"/>${dots.join('')}${ticks.join('')}<text x="${x(0.5)}" y="${y(0) + 34}" text-anchor="middle">certainty</text></svg>`;
}

function lineageTable(lineage: readonly LineageStep[]): string {
  const rows = lineage.map(
    ({ kind, id, hash, seed, engine, params }) =>
      `<tr><td>${text(kind)}</td><td>${text(id)}<br><code>${text(hash)}</code></td><td>seed ${seed}${engine ? `, ${text(engine)}` : ''}</td><td><code>${text(JSON.stringify(params))}</code></td></tr>`,
  );
  return `<table><tr><th>Step</th><th>Result</th><th>By</th><th>Parameters</th></tr>${rows.join('')}</table>`;
}

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const align = (cell: string | number) => (typeof cell === 'number' ? ' class="n"' : '');
  const head = header.map((cell, c) => `<th${align(rows[0]?.[c] ?? '')}>${text(cell)}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell) => `<td${align(cell)}>${text(String(cell))}</td>`).join('')}</tr>`)
    .join('');
  return `<table><tr>${head}</tr>${body}</table>`;
}

const section = (title: string, content: string) => `<section><h2>${text(title)}</h2>${content}</section>`;
const list = (items: readonly string[]) =>
  `<ul>${items.map((item) => `<li>${text(item)}</li>`).join('')}</ul>`;

function text(value: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return value.replace(/[&<>"]/g, (char) => entities[char]!);
}
