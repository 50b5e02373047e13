export { type Database, type DatabaseOptions, type Migration, openDatabase, type Row } from "./database.ts";
export { holdExclusively } from "./exclusive.ts";
export { databaseFailure } from "./failure.ts";
