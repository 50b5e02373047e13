/** A room: a folder of src/ whose insides are its own business. */
export interface Room {
  readonly folder: string;
  /** Folders whose rooms it may import. */
  readonly may: readonly string[] | "everything";
  /** Every file may be imported, not only index.ts: a shelf of small files, taken one by one to keep start-up short. */
  readonly open?: boolean;
  /** What to do instead of importing something else. */
  readonly remedy: string;
}

const port = "declare what you need in a ports.ts of your own and let daemon/ hand it in";
const down = "move what is shared down into base or oci, or pass it in as an argument";

/** Which way imports go (docs/architecture.md draws it). The longest folder that fits a file is its room. */
export const ROOMS: readonly Room[] = [
  {
    folder: "base",
    may: [],
    open: true,
    remedy: "base stands on Node alone; move the code to the room that knows about it",
  },
  { folder: "oci", may: ["base"], remedy: "oci holds values without I/O; pass in what they need" },
  { folder: "store", may: ["base"], remedy: "a table's rules belong to the room that owns the table" },
  { folder: "kernel", may: ["base"], remedy: down },
  { folder: "plugin", may: ["base"], remedy: down },
  { folder: "runtime", may: ["kernel", "oci", "base"], remedy: down },
  {
    folder: "registry-client",
    may: ["oci", "base"],
    open: true,
    remedy:
      "what speaks to registries knows neither the image store nor the command line; pass in what it needs",
  },
  { folder: "image", may: ["registry-client", "kernel", "plugin", "store", "oci", "base"], remedy: port },
  { folder: "volume", may: ["kernel", "plugin", "store", "oci", "base"], remedy: port },
  { folder: "network", may: ["kernel", "plugin", "store", "oci", "base"], remedy: port },
  { folder: "build", may: ["oci", "base"], remedy: port },
  { folder: "engine", may: ["image", "volume", "network", "runtime", "store", "oci", "base"], remedy: port },
  {
    folder: "registry",
    may: ["store", "oci", "base"],
    remedy: "the registry runs without an engine; share through oci or base",
  },
  { folder: "api/schema", may: ["base"], open: true, remedy: "a wire type knows nothing of what serves it" },
  {
    folder: "api/routes",
    may: ["api/schema", "base"],
    open: true,
    remedy: "a route is data; put behaviour into api/server",
  },
  { folder: "api/server", may: ["api/schema", "api/routes", "base"], remedy: port },
  {
    folder: "api/client",
    may: ["api/schema", "api/routes", "base"],
    remedy: "a client knows the engine by its API alone",
  },
  {
    folder: "api",
    may: ["api/schema", "api/routes", "api/server", "api/client"],
    remedy: "api/index.ts only names what the rooms below it offer",
  },
  {
    folder: "cli",
    may: ["api/schema", "api/routes", "api/client", "registry-client", "oci", "base"],
    remedy: "the command line is a client: ask the engine through api/client",
  },
  {
    folder: "web",
    may: ["api/schema", "api/routes", "api/client", "base"],
    remedy: "the web page is a client: ask the engine through api/client",
  },
  {
    folder: "daemon",
    may: [
      "base",
      "oci",
      "store",
      "kernel",
      "plugin",
      "runtime",
      "image",
      "volume",
      "network",
      "build",
      "engine",
      "api",
      "api/schema",
      "api/routes",
      "api/server",
    ],
    open: true,
    remedy: "daemon puts the engine together and nothing else",
  },
  { folder: "main", may: "everything", remedy: "" },
];

/** A module that belongs to some rooms only (a folder stands for all below it). */
export interface Reserved {
  readonly module: string;
  readonly rooms: readonly string[];
  readonly remedy: string;
}

export const RESERVED: readonly Reserved[] = [
  {
    module: "koffi",
    rooms: ["kernel/linux"],
    remedy: "system calls live in kernel/linux; use a port of kernel/",
  },
  {
    module: "node:sqlite",
    rooms: ["store", "daemon/instance.ts"],
    remedy: "open the database through store/",
  },
  {
    module: "node:child_process",
    rooms: ["runtime", "network/firewall", "daemon", "cli", "main"],
    remedy:
      "the engine's own work happens in-process; child processes are for the runtime, the monitor and the firewall",
  },
  { module: "commander", rooms: ["cli", "registry/commands"], remedy: "command lines are read in cli/" },
  {
    module: "valibot",
    rooms: ["api/schema", "daemon/config"],
    remedy: "input is checked at the door, in api/schema",
  },
  {
    module: "ws",
    rooms: ["api/server"],
    remedy: "connections are taken over in api/server",
  },
  {
    module: "jose",
    rooms: ["registry"],
    remedy: "tokens are the registry's business",
  },
  {
    module: "tar-stream",
    rooms: ["base", "image", "build", "engine", "cli"],
    remedy: "use the tar helpers of base/",
  },
];

/** Development dependencies that src/ may import, because bundles hold them (docs/packaging.md). */
export const BUNDLED: readonly string[] =
  "commander jose tar-stream unbzip2-stream valibot ws xz-decompress".split(" ");
