/** Tables as Parquet, for those who work with data frames; uncompressed, so that a search for names sees the bytes. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';

export type ColumnType = 'INT32' | 'DOUBLE' | 'FLOAT' | 'STRING';

export interface Column {
  name: string;
  type: ColumnType;
  /** null where there is no value. */
  data: (string | number | null)[];
}

export function encodeParquet(columns: readonly Column[]): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, type, data }) => ({ name, type, data, nullable: true })),
    codec: 'UNCOMPRESSED',
    createdBy: 'Limbeck',
  });
  return new Uint8Array(buffer);
}

/** @returns the columns asked for, by name, null where there is no value */
export async function decodeParquet(
  bytes: Uint8Array,
): Promise<{ rows: number; columns: Record<string, (string | number | null)[]> }> {
  const file = Uint8Array.prototype.slice.call(bytes).buffer;
  const metadata = parquetMetadata(file);
  const names = metadata.schema.slice(1).map(({ name }) => name);
  const objects = await parquetReadObjects({ file, metadata });
  const columns = Object.fromEntries(names.map((name) => [name, objects.map((row) => cellOf(row[name]))]));
  return { rows: objects.length, columns };
}

function cellOf(value: unknown): string | number | null {
  if (typeof value === 'string' || typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : null;
}
