/** What the workers of one k-center run share. */
import type { Axes } from './axes.ts';
import type { Frame } from './frame.ts';
import type { TableLayout } from './table.ts';

export interface KCenterTask {
  /** Shared by all workers, filled by `fillTable`. */
  memory: WebAssembly.Memory;
  layout: TableLayout;
  frame: Frame;
  axes: Axes;
  /** Rows that become centres first, in this order, at least one. */
  given: Int32Array;
  /** Centres in all, given ones included. */
  centres: number;
  /** Whether the nearest centre of every row is wanted; else rows too near to matter for the choice wait for ever. */
  everyRow: boolean;
  /** Whether every approach of a row is logged; with `everyRow` only. */
  history: boolean;
}

/** Words at `layout.at.control`, int32. */
export const controlWords = {
  /** 1 = stop, set from outside. */
  stop: 0,
  /** Centres applied. */
  applied: 1,
  /** Stop as seen by worker 0, and the next leaf to bring up to date, in even and odd rounds. */
  seen: 2,
  leaf: 4,
  /** Barrier: workers that have arrived, and its generation. */
  arrived: 6,
  generation: 7,
  /** The next leaf to set up. */
  setLeaf: 8,
} as const;

export function controlOf({ memory, layout }: KCenterTask): Int32Array {
  return new Int32Array(memory.buffer, layout.at.control, 16);
}
