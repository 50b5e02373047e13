export type Labels = Readonly<Record<string, string>>;
/** Docker's `filters` query, decoded: name -> wanted values. */
export type Filters = ReadonlyMap<string, readonly string[]>;
