/** A time with the nanoseconds that file systems keep; `nanoseconds` counts forward from `seconds`, also before 1970. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}
