/** What a container used at one moment; times in nanoseconds, sizes in bytes. Where no limit is set, undefined. */
export interface StatsSample {
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly at: string;
  /** Undefined while it does not run. */
  readonly usage:
    | {
        readonly cgroup: {
          readonly cpu: {
            readonly total: number;
            readonly user: number;
            readonly system: number;
            readonly perCpu?: readonly number[];
            readonly periods: number;
            readonly throttledPeriods: number;
            readonly throttledTime: number;
          };
          readonly memory: {
            readonly usage: number;
            readonly maxUsage?: number;
            readonly failures?: number;
            readonly limit: number | undefined;
            readonly stat: Readonly<Record<string, number>>;
          };
          readonly pids: { readonly current: number; readonly limit: number | undefined };
          readonly blockIo: readonly {
            readonly major: number;
            readonly minor: number;
            readonly operation: string;
            readonly value: number;
          }[];
        };
        readonly interfaces: readonly {
          readonly name: string;
          readonly rxBytes: number;
          readonly rxPackets: number;
          readonly rxErrors: number;
          readonly rxDropped: number;
          readonly txBytes: number;
          readonly txPackets: number;
          readonly txErrors: number;
          readonly txDropped: number;
        }[];
        readonly host: { readonly cpuTime: number; readonly cpus: number; readonly memory: number };
      }
    | undefined;
}
