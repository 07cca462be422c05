/** Which recording has which site, as pixel rows by group; and what lies under the pointer. */
import type { CoverageView } from '#shared/views.ts';

export interface CoverageLayout {
  /** Sites in drawing order: those that most recordings have first. */
  sites: number[];
  /** One per group: its name, its recordings' positions in the view, and where it is drawn. */
  bands: { group: string; rows: number[]; top: number }[];
  rowPx: number;
  cellPx: number;
  left: number;
  top: number;
}

const left = 20;
const top = 40;
const gap = 4;

export function layoutCoverage(
  view: CoverageView,
  groups: readonly string[],
  width: number,
  height: number,
): CoverageLayout {
  const sites = view.counts
    .map((count, site) => ({ count, site }))
    .sort((a, b) => b.count - a.count || a.site - b.site)
    .map(({ site }) => site);
  const byGroup = Map.groupBy(
    view.recordings.map(({ group }, position) => ({ group, position })),
    ({ group }) => group,
  );
  const names = [...new Set([...groups.filter((name) => byGroup.has(name)), ...byGroup.keys()])];
  const room = height - top - gap * Math.max(0, names.length - 1);
  const rowPx = Math.min(16, room / Math.max(1, view.recordings.length));
  let at = top;
  const bands = names.map((group) => {
    const rows = (byGroup.get(group) ?? []).map(({ position }) => position);
    const band = { group, rows, top: at };
    at += rows.length * rowPx + gap;
    return band;
  });
  return { sites, bands, rowPx, cellPx: Math.min(16, (width - left) / Math.max(1, sites.length)), left, top };
}

/** Position in the view of what lies at a point, or null beside it. */
export function coverageAt(
  layout: CoverageLayout,
  x: number,
  y: number,
): { recording: number; site: number } | null {
  const site = layout.sites[Math.floor((x - layout.left) / layout.cellPx)];
  for (const { rows, top: start } of layout.bands) {
    const recording = rows[Math.floor((y - start) / layout.rowPx)];
    if (y >= start && recording !== undefined && site !== undefined) return { recording, site };
  }
  return null;
}

export function drawCoverage(
  context: CanvasRenderingContext2D,
  view: CoverageView,
  layout: CoverageLayout,
  letters: ReadonlyMap<string, string>,
  colour: (token: string) => string,
): void {
  const ink = { '1': colour('seq-5'), '0': colour('seq-0'), '?': colour('warn') };
  for (const { group, rows, top: start } of layout.bands) {
    for (const [i, position] of rows.entries()) {
      const present = view.recordings[position]!.present;
      const y = start + i * layout.rowPx;
      const tall = layout.rowPx >= 3 ? layout.rowPx - 0.6 : layout.rowPx + 0.2;
      for (const [j, site] of layout.sites.entries()) {
        const mark = present[site];
        context.fillStyle = mark === '1' ? ink['1'] : mark === '?' ? ink['?'] : ink['0'];
        context.fillRect(
          layout.left + j * layout.cellPx,
          y,
          layout.cellPx - (layout.cellPx >= 3 ? 0.6 : 0),
          tall,
        );
      }
    }
    context.fillStyle = colour('ink-2');
    context.font = '600 11px "Plex Sans", system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.fillText(letters.get(group) ?? '', 2, start + (rows.length * layout.rowPx) / 2);
  }
  const most = Math.max(1, view.recordings.length);
  context.fillStyle = colour('ink-3');
  for (const [j, site] of layout.sites.entries()) {
    const height = ((view.counts[site] ?? 0) / most) * 24;
    context.fillRect(
      layout.left + j * layout.cellPx,
      layout.top - 4 - height,
      Math.max(0.5, layout.cellPx - 1),
      height,
    );
  }
}
