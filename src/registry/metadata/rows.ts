import type { Row } from "../../store/index.ts";

export type { Row };

export const text = (row: Row, column: string): string => String(row[column] ?? "");
export const number = (row: Row, column: string): number => Number(row[column] ?? 0);
export const flag = (row: Row, column: string): boolean => Number(row[column] ?? 0) !== 0;
export const optionalText = (row: Row, column: string): string | undefined =>
  row[column] == null ? undefined : String(row[column]);
export const optionalNumber = (row: Row, column: string): number | undefined =>
  row[column] == null ? undefined : Number(row[column]);
/** A column that holds JSON we wrote ourselves. */
export const json = <T>(row: Row, column: string): T | undefined =>
  row[column] == null ? undefined : (JSON.parse(String(row[column])) as T);
