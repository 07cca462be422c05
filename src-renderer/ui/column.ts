/** One column of a table: its head, how wide, how it sorts. */
import type { SortValue } from './table-model.ts';

export interface Column<Row> {
  key: string;
  title: string;
  /** CSS width; the columns without one share the rest. */
  width?: string;
  /** Figures: set at the right. */
  num?: boolean;
  sort?: (row: Row) => SortValue;
  /** Large first at the first click: dates, counts. */
  descendingFirst?: boolean;
}
