import { formatPlatform, type Platform } from "../../oci/index.ts";
import { type Arg, lex } from "../dockerfile/index.ts";

/** Build arguments every RUN may use without an ARG; they stay out of history and cache (Dockerfile reference). */
const PROXY_ARGS: ReadonlySet<string> = new Set(
  ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
);

export interface Platforms {
  readonly build: Platform;
  readonly target: Platform;
}

export type BuildArgs = Readonly<Record<string, string | null>>;

/** BUILDPLATFORM, TARGETARCH and their kin. */
function platformArgs({ build, target }: Platforms): ReadonlyMap<string, string> {
  const of = (prefix: string, platform: Platform): readonly (readonly [string, string])[] => [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ""],
  ];
  return new Map([...of("BUILD", build), ...of("TARGET", target)]);
}

/** Arguments before the first FROM: what FROM may use, and what a stage's ARG without a default takes over. */
export class GlobalArgs {
  readonly #values: Map<string, string>;
  readonly #given: ReadonlyMap<string, string>;
  /** Those without a value, too: the client's environment has none. */
  readonly #named: readonly string[];
  readonly #used = new Set<string>();
  readonly #escape: string;

  constructor(args: readonly Arg[], given: BuildArgs, platforms: Platforms, escapeToken: string) {
    this.#escape = escapeToken;
    this.#named = Object.keys(given);
    this.#given = new Map(
      Object.entries(given).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
    );
    this.#values = new Map(platformArgs(platforms));
    for (const { key, value } of args.flatMap((arg) => arg.args)) {
      const set = this.given(key) ?? (value === undefined ? undefined : this.expand(value));
      if (set !== undefined) this.#values.set(key, set);
    }
  }

  /** Value from the request; asking for it counts as using it. */
  given(key: string): string | undefined {
    this.#used.add(key);
    return this.#given.get(key);
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** The value of a text in which global arguments stand. */
  expand(text: string): string {
    return lex(text, (name) => this.#values.get(name), { escapeToken: this.#escape }).value;
  }

  /** Proxy settings of the request. */
  proxies(): readonly (readonly [string, string])[] {
    return [...this.#given].filter(([key]) => PROXY_ARGS.has(key));
  }

  /** Arguments of the request that nothing declares. */
  unused(): readonly string[] {
    return this.#named.filter((key) => !this.#used.has(key) && !PROXY_ARGS.has(key)).sort();
  }
}

/** The variables of one stage while its instructions are read in order: ENV wins over ARG. */
export class Scope {
  readonly #globals: GlobalArgs;
  readonly #escape: string;
  readonly #args = new Map<string, string | undefined>();
  readonly #env: Map<string, string>;

  constructor(globals: GlobalArgs, env: readonly string[], escapeToken: string) {
    this.#globals = globals;
    this.#escape = escapeToken;
    this.#env = new Map(env.map(splitEnv));
  }

  expand(text: string): string {
    return lex(text, (name) => this.#lookup(name), { escapeToken: this.#escape }).value;
  }

  expandWords(text: string): readonly string[] {
    return lex(text, (name) => this.#lookup(name), { escapeToken: this.#escape }).words;
  }

  expandHeredoc(text: string): string {
    return lex(text, (name) => this.#lookup(name), { escapeToken: this.#escape, heredoc: true }).value;
  }

  setEnv(key: string, value: string): void {
    this.#env.set(key, value);
  }

  /** Declares an argument: the request's value, else the default, else the global one. */
  declare(key: string, byDefault: string | undefined): void {
    this.#args.set(key, this.#globals.given(key) ?? byDefault ?? this.#globals.get(key));
  }

  env(): readonly string[] {
    return [...this.#env].map(([key, value]) => `${key}=${value}`);
  }

  /** "KEY=value" of declared arguments that have a value and no ENV in front of them, sorted. */
  runArgs(): readonly string[] {
    return [...this.#args]
      .flatMap(([key, value]) => (value === undefined || this.#env.has(key) ? [] : [`${key}=${value}`]))
      .sort();
  }

  /** Proxy settings for a RUN, where neither ARG nor ENV says otherwise. */
  proxies(): readonly string[] {
    return this.#globals
      .proxies()
      .filter(([key]) => !this.#args.has(key) && !this.#env.has(key))
      .map(([key, value]) => `${key}=${value}`);
  }

  #lookup(name: string): string | undefined {
    return this.#env.get(name) ?? this.#args.get(name);
  }
}

function splitEnv(text: string): [key: string, value: string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
