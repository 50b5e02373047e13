import { VERSION } from "../../src/base/version.ts";
import { OPTIONS, type Option } from "../../src/daemon/config/options.ts";
import type { Pages } from "./command-pages.ts";
import { type Item, items, page, prose, references, section, synopsis, verbatim } from "./roff.ts";

const sorted = (options: readonly Option[]): readonly Option[] =>
  [...options].sort((a, b) => (a.name < b.name ? -1 : 1));

const taken = sorted(OPTIONS.filter(({ refused }) => refused === undefined));
const refused = sorted(OPTIONS.filter((option) => option.refused !== undefined));
/** A help text as a sentence; what is to be written as it stands (`name=path`) stays so. */
const sentence = (text: string): string =>
  `${/^[a-z]+[ ,:.]/.test(text) ? `${text[0]?.toUpperCase()}${text.slice(1)}` : text}.`;

const FILES: readonly Item[] = [
  { term: "/etc/wharf/daemon.json", text: "Configuration; see wharf-daemon.json(5)." },
  { term: "/var/lib/wharf", text: "Images, containers, volumes and records (--data-root)." },
  { term: "/run/wharf", text: "State of what runs, the pid file and the socket wharf.sock (--exec-root)." },
];

const SIGNALS: readonly Item[] = [
  { term: "SIGTERM, SIGINT", text: "Stops the containers, unless --live-restore is set, and ends." },
  {
    term: "SIGHUP",
    text: "Reads the configuration file again and applies what can change while the engine runs.",
  },
];

function engine(): string {
  const own = taken.map(
    ({ name, short, kind, help }): Item => ({
      term: short ? `-${short}, --${name}` : `--${name}`,
      value: kind === "bool" ? "" : kind,
      text: sentence(help),
    }),
  );
  const others = refused.map(
    ({ name, refused: why = "" }): Item => ({ term: `--${name}`, text: sentence(why) }),
  );
  return page("wharfd", 8, "the Wharf container engine", VERSION, [
    section("SYNOPSIS", synopsis("wharfd", ["[OPTIONS]"])),
    section(
      "DESCRIPTION",
      prose(
        "The engine: containers, images, networks, volumes and builds behind Docker's API. Its options have dockerd's names. Containers outlive it: it may be ended at any moment, and the next start finds them again.",
      ),
    ),
    section("OPTIONS", items(own)),
    section(
      "REFUSED OPTIONS",
      `${prose("dockerd has these, too. Here their use is an error, with this reason.")}\n${items(others)}`,
    ),
    section("SIGNALS", items(SIGNALS)),
    section("FILES", items(FILES)),
    section(
      "SEE ALSO",
      references([
        ["wharf", 1],
        ["wharf-daemon.json", 5],
      ]),
    ),
  ]);
}

const SHAPES: Readonly<Record<Option["kind"], string>> = {
  bool: "true or false",
  string: "a string",
  number: "a number",
  list: "a list of strings",
  map: "an object of strings",
};

const EXAMPLE = `{
  "data-root": "/srv/wharf",
  "log-driver": "local",
  "registry-mirrors": ["https://mirror.example"]
}`;

function configuration(): string {
  const keys = taken
    .filter(({ key }) => key !== null)
    .map(
      ({ name, key, kind, help, reloadable }): Item => ({
        term: key ?? name,
        value: SHAPES[kind],
        text: `${sentence(help)}${reloadable ? " SIGHUP applies a new value." : ""}`,
      }),
    )
    .sort((a, b) => (a.term < b.term ? -1 : 1));
  return page("wharf-daemon.json", 5, "configuration of the Wharf container engine", VERSION, [
    section(
      "DESCRIPTION",
      prose(
        "/etc/wharf/daemon.json (wharfd --config-file names another) holds one JSON object with the keys of Docker's daemon.json. A key and its flag at once are an error. wharfd --validate says what is wrong with a file.",
      ),
    ),
    section("KEYS", items(keys)),
    section("EXAMPLE", verbatim(EXAMPLE)),
    section("SEE ALSO", references([["wharfd", 8]])),
  ]);
}

/** wharfd(8) and the page of its configuration file. */
export const enginePages = (): Pages =>
  new Map([
    ["man8/wharfd.8", engine()],
    ["man5/wharf-daemon.json.5", configuration()],
  ]);
