import { listContexts } from "../config/contexts.ts";
import { DEFAULT_CONTEXT } from "../connection/choose.ts";
import {
  type Asking,
  around,
  begun,
  type Candidate,
  type Candidates,
  DIRECTIVE,
  NOTHING,
  only,
  type Source,
  wordOf,
} from "./candidates.ts";
import { allContainers, images, networks, volumes } from "./engine-names.ts";

/** Words that are put together of a key and a name, or may be one of two things. */

const FILES: Candidates = { words: [], directive: DIRECTIVE.files };
const CONTAINER = "container:";

/** The names of another source behind what the word begins with. */
async function behind(begin: string, asking: Asking, source: Source): Promise<readonly Candidate[]> {
  const { words } = await source({ ...asking, word: asking.word.slice(begin.length) });
  return around(begin, words);
}

/** Modes, and `container:NAME`. */
export const modeOrContainer =
  (
    modes: readonly string[],
    more: (asking: Asking) => Promise<readonly Candidate[]> = async () => [],
  ): Source =>
  async (asking) => {
    if (asking.word.startsWith(CONTAINER)) return only(await behind(CONTAINER, asking, allContainers));
    if (asking.word !== "" && CONTAINER.startsWith(asking.word) && asking.word.length > 2)
      return begun([CONTAINER]);
    return only([...modes, ...(await more(asking)), CONTAINER]);
  };

/** Every engine has the first three, also one that does not answer. */
export const networkModes = modeOrContainer(["bridge", "host", "none"], async (asking) => {
  const { words } = await networks(asking).catch(() => NOTHING);
  return words.filter((candidate) => !/^(bridge|host|none)$/.test(wordOf(candidate)));
});

export const linkedContainers: Source = async (asking) =>
  begun(around("", (await allContainers(asking)).words, ":"));

const isPath = (word: string): boolean => /^[./~]/.test(word);

/** `-v`: a volume's name, or a path here; where it goes is for people to say. */
export const volumeOrPath: Source = async (asking) => {
  if (asking.word.includes(":")) return NOTHING;
  if (isPath(asking.word)) return { words: [], directive: DIRECTIVE.files | DIRECTIVE.noSpace };
  const { words } = await volumes(asking);
  return { words: around("", words, ":"), directive: DIRECTIVE.noSpace };
};

/** `cp`: a path here, or `CONTAINER:PATH`. */
export const copyEnd: Source = async (asking) => {
  if (asking.word.includes(":") || isPath(asking.word)) return FILES;
  const { words } = await allContainers(asking);
  return { words: around("", words, ":"), directive: DIRECTIVE.noSpace };
};

/** `build`: a folder. */
export const folder: Source = () => ({ words: [], directive: DIRECTIVE.folders });
export const file: Source = () => FILES;

const MOUNT_TYPES = ["bind", "volume", "tmpfs", "image"];
const MOUNT_KEYS: Readonly<Record<string, readonly string[]>> = {
  "": ["source=", "target=", "readonly"],
  bind: ["bind-propagation=", "bind-recursive="],
  volume: ["volume-nocopy", "volume-subpath=", "volume-driver=", "volume-opt=", "volume-label="],
  tmpfs: ["tmpfs-size=", "tmpfs-mode="],
  image: ["image-subpath="],
};
const MOUNT_VALUES: Readonly<Record<string, readonly string[]>> = {
  type: MOUNT_TYPES,
  "bind-propagation": ["private", "rprivate", "shared", "rshared", "slave", "rslave"],
  "bind-recursive": ["enabled", "disabled", "writable", "readonly"],
};

/** `--mount`: keys and values between commas. */
export const mountSpec: Source = async (asking) => {
  const at = asking.word.lastIndexOf(",") + 1;
  const [before, field] = [asking.word.slice(0, at), asking.word.slice(at)];
  const type = /(?:^|,)type=([a-z]+)/.exec(before)?.[1] ?? (before === "" ? "" : "volume");
  const [key = "", value] = field.split("=");
  if (value === undefined) {
    if (before === "") return begun(MOUNT_TYPES.map((name) => `type=${name},`));
    const said = new Set(before.split(",").map((part) => part.split("=")[0] ?? ""));
    const keys = [...(MOUNT_KEYS[""] ?? []), ...(MOUNT_KEYS[type] ?? [])];
    return begun(
      around(
        before,
        keys.filter((name) => !said.has(name.replace("=", ""))),
      ),
    );
  }
  const begin = `${before}${key}=`;
  const fixed = MOUNT_VALUES[key];
  if (fixed !== undefined) return begun(around(begin, fixed, key === "type" ? "," : ""));
  if (key !== "source" && key !== "src") return NOTHING;
  if (type === "bind") return { words: [], directive: DIRECTIVE.files | DIRECTIVE.noSpace };
  if (type === "tmpfs") return NOTHING;
  return begun(await behind(begin, asking, type === "image" ? images : volumes));
};

/** Contexts of this user; the engine is not asked. */
export const contexts: Source = ({ context }) => {
  const known = listContexts(context.chosen.folder);
  return only([
    [DEFAULT_CONTEXT, "what WHARF_HOST or DOCKER_HOST say, else the engine of this machine"],
    ...known.map(
      ({ Name, Metadata }): Candidate => (Metadata?.Description ? [Name, Metadata.Description] : Name),
    ),
  ]);
};
