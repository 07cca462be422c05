/** One column of a table: its head, how wide, how it sorts. */
import type { SortValue } from './table-model.ts';

export interface Column<Row> {
  key: string;
  title: string;
  /** CSS width; the columns without one share the rest. */
  width?: string;
  /** Left out where the window has no room for all; what it says is on the row's own screen. */
  spare?: boolean;
  /** Figures: set at the right. */
  num?: boolean;
  sort?: (row: Row) => SortValue;
  /** Large first at the first click: dates, counts. */
  descendingFirst?: boolean;
}
