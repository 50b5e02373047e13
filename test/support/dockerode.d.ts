/** The part of dockerode that the tests use; the package has no types of its own. */
declare module "dockerode" {
  interface AttachOptions {
    readonly stream?: boolean;
    readonly stdin?: boolean;
    readonly stdout?: boolean;
    readonly stderr?: boolean;
    readonly hijack?: boolean;
  }
  interface Container {
    readonly id: string;
    readonly modem: {
      demuxStream(
        from: NodeJS.ReadableStream,
        stdout: NodeJS.WritableStream,
        stderr: NodeJS.WritableStream,
      ): void;
    };
    attach(options: AttachOptions): Promise<import("node:stream").Duplex>;
    start(): Promise<unknown>;
    wait(options?: { readonly condition?: string }): Promise<{ readonly StatusCode: number }>;
    inspect(): Promise<unknown>;
    remove(options?: { readonly force?: boolean }): Promise<unknown>;
    resize(size: { readonly h: number; readonly w: number }): Promise<unknown>;
    logs(options: { readonly stdout?: boolean; readonly stderr?: boolean }): Promise<unknown>;
  }
  class Docker {
    constructor(options: { readonly socketPath: string });
    version(): Promise<{ readonly ApiVersion: string }>;
    info(): Promise<unknown>;
    run(
      image: string,
      command: readonly string[],
      streams: readonly NodeJS.WritableStream[],
      options: Readonly<Record<string, unknown>>,
    ): Promise<unknown>;
    createContainer(options: Readonly<Record<string, unknown>>): Promise<Container>;
    getContainer(reference: string): Container;
    getEvents(options: Readonly<Record<string, unknown>>): Promise<import("node:stream").Readable>;
  }
  namespace Docker {
    export type { Container };
  }
  export default Docker;
}
