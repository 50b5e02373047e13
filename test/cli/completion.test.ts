import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dockerPath, execute, programPath, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { playOnTerminal, type Step, withoutPython } from "./play.ts";

const checkout = join(import.meta.dirname, "../..");
const wharf = join(checkout, "wharf");

/** What is typed before the tab, and the last word of the line after it. */
const LINES: readonly (readonly [typed: string, completed: string])[] = [
  ["wharf vers", "version"],
  ["wharf image boot", "bootstrap"],
  ["wharf completion ba", "bash"],
  ["wharf run --read-o", "--read-only"],
  ["wharf stop we", "web"],
  ["wharf start do", "done"],
  ["wharf rm -f w", "web"],
  ["wharf volume rm vo", "vol1"],
  ["wharf network inspect ne", "net1"],
  ["wharf network disconnect net1 w", "web"],
  ["wharf run --rm busyb", "busybox:latest"],
  ["wharf rmi example/app:1", "example/app:1.0"],
  ["wharf run --network ne", "net1"],
  ["wharf run --network=ne", "--network=net1"],
  ["wharf run --restart unl", "unless-stopped"],
  ["wharf ps --filter status=runn", "status=running"],
  ["wharf ps --filter=status=runn", "--filter=status=running"],
  ["wharf run --stop-signal SIGWIN", "SIGWINCH"],
  ["wharf run --pid container:we", "container:web"],
  ["wharf port web 9", "99/udp"],
  ["wharf -H $HERE stop we", "web"],
  ["wharf context use oth", "other"],
  ["wharf load -i arch", "archive.tar"],
  ["wharf load --input=arch", "--input=archive.tar"],
];

/** Nothing is known, and nothing is said. */
const SILENT = [
  "wharf stop nosuch",
  "wharf run --no-such-flag ",
  "wharf volume create vo",
  "wharf exec web l",
];

describe("completion", { skip: withoutRoot }, () => {
  let engine: EngineUnderTest;
  const folder = mkdtempSync(join(tmpdir(), "wharf-completion-"));
  const env = () => ({
    HOME: folder,
    ZDOTDIR: folder,
    XDG_CONFIG_HOME: folder,
    XDG_DATA_HOME: folder,
    WHARF_HOST: engine.host,
    HERE: engine.host,
    DOCKER_CONFIG: join(folder, "config"),
    PATH: [checkout, process.env["PATH"]].join(delimiter),
  });
  const run = (...args: readonly string[]) => execute(wharf, args, { env: env() });
  const words = async (...args: readonly string[]) => {
    const { stdout } = await run("__completeNoDesc", ...args);
    return stdout.trimEnd().split("\n").slice(0, -1);
  };

  before(async () => {
    mkdirSync(join(folder, "empty"));
    writeFileSync(join(folder, "archive.tar"), "");
    writeFileSync(join(folder, ".zshrc"), "autoload -U compinit; compinit -u\n");
    engine = await startEngine();
    await engine.ok("network", "create", "net1");
    await engine.ok("volume", "create", "vol1");
    await engine.ok("tag", "busybox:latest", "example/app:1.0");
    await engine.ok(
      "run",
      "-d",
      "--name",
      "web",
      "--network",
      "net1",
      "-p",
      "127.0.0.1::99/udp",
      "busybox",
      "sleep",
      "100000",
    );
    await engine.ok("create", "--name", "done", "busybox", "true");
    assert.equal((await run("context", "create", "other", "--docker", "host=unix:///other")).code, 0);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** What an interactive shell makes of a line: its words are printed instead of being carried out. */
  async function typed(shell: readonly string[], load: string, prompt: string): Promise<void> {
    const steps: Step[] = [{ send: `cd ${folder}; ${load}; echo loa''ded\r` }, { expect: "loaded\r\n" }];
    for (const [line, completed] of LINES)
      steps.push(
        { expect: prompt },
        { send: `${line}\t\x01printf '<%s>\\n' \r` },
        { expect: `<${completed}>\r\n` },
      );
    for (const line of SILENT)
      steps.push(
        { expect: prompt },
        { send: `${line}\t\x01printf '<%s>\\n' \r` },
        { expect: `<${line.trim().split(" ").at(-1)}>\r\n` },
      );
    await playOnTerminal(shell, [...steps, { expect: prompt }, { send: "exit\r" }], {
      ...env(),
    });
  }

  it("works in bash", { skip: withoutPython || withoutShell("bash") }, () =>
    typed(
      [programPath("bash") ?? "", "--norc", "--noprofile", "-i"],
      "PS1=ready'> '; source <(wharf completion bash)",
      "ready> ",
    ),
  );

  it("works in zsh", { skip: withoutPython || withoutShell("zsh") }, () =>
    // npm sets EDITOR=vi, from which zsh would take its keys.
    typed(
      [programPath("zsh") ?? "", "-i"],
      "bindkey -e; PS1=ready'> '; source <(wharf completion zsh)",
      "ready> ",
    ),
  );

  it("works in fish", { skip: withoutShell("fish") }, async () => {
    const all = [...LINES, ...SILENT.map((line) => [line, ""] as const)];
    const script = [
      `cd ${folder}`,
      "wharf completion fish | source",
      ...all.map(([line]) => `echo (complete -C '${line}' | string replace -r '\\s.*' '')`),
    ];
    const { stdout, stderr } = await execute("fish", ["-c", script.join("\n")], { env: env() });
    assert.equal(stderr, "");
    const answers = stdout.split("\n");
    assert.deepEqual(
      all.map(([line], index) => [line, answers[index]]),
      all,
    );
  });

  it("bash shows what each candidate is", { skip: withoutPython || withoutShell("bash") }, async () => {
    await playOnTerminal(
      [programPath("bash") ?? "", "--norc", "--noprofile", "-i"],
      [
        { send: "PS1=ready'> '; source <(wharf completion bash)\r" },
        { expect: "ready> " },
        { send: "wharf inspect \t\t" },
        { expect: "web" },
        { expect: "(busybox, Up " },
        { send: "\x15exit\r" },
      ],
      { ...env() },
    );
  });

  it("names what each verb can be done with", async () => {
    await engine.ok("pause", "web");
    assert.deepEqual(await words("unpause", ""), ["web"]);
    assert.deepEqual(await words("pause", ""), []);
    await engine.ok("unpause", "web");
    assert.deepEqual(await words("pause", ""), ["web"]);
    assert.deepEqual(await words("rm", ""), ["done"]);
    assert.deepEqual((await words("rm", "--force", "")).sort(), ["done", "web"]);
    assert.deepEqual(await words("inspect", "--type", "volume", ""), ["vol1"]);
    assert.deepEqual(await words("network", "connect", "net1", ""), ["done"]);
    assert.deepEqual(await words("run", "busybox", ""), []);
    assert.deepEqual(await words("run", "busybox", "--net"), []);
    assert.deepEqual(await words("stop", "web", ""), []);
    const { Id } = JSON.parse(await engine.ok("inspect", "-f", "{{json .}}", "web")) as { Id: string };
    assert.deepEqual(await words("stop", Id.slice(0, 4)), [Id.slice(0, 12)]);
  });

  it("knows the registry's own commands", async () => {
    assert.deepEqual(await words("registry", "user", "p"), ["passwd"]);
    assert.deepEqual(await words("registry", "serve", "--da"), ["--data"]);
  });

  it("says nothing when no engine answers", async () => {
    for (const host of ["unix:///nonexistent/wharf.sock", "tcp://127.0.0.1:1"]) {
      const outcome = await execute(wharf, ["-H", host, "__complete", "-H", host, "stop", ""], {
        env: env(),
      });
      assert.deepEqual(outcome, { code: 0, stdout: ":4\n", stderr: "" });
    }
  });

  it("answers in the protocol of docker's own __complete", { skip: withoutDocker }, async () => {
    const lines = [
      ["vers"],
      ["run", "--restart", ""],
      ["run", "--pull", ""],
      ["run", "--cgroupns", ""],
      ["inspect", "--type", ""],
      ["stop", "--sig"],
      ["context", "export", ""],
      ["volume", "inspect", ""],
      ["network", "rm", ""],
      ["save", "bus"],
    ];
    for (const line of lines) {
      const ask = async (program: string) => {
        const asked = await execute(program, ["__completeNoDesc", ...line], {
          env: { ...env(), DOCKER_HOST: engine.host },
        });
        const [directive, ...names] = asked.stdout.trimEnd().split("\n").reverse();
        return { line, directive, names: names.filter((name) => name.startsWith(line.at(-1) ?? "")).sort() };
      };
      assert.deepEqual(await ask(wharf), await ask(dockerPath ?? ""));
    }
  });
});

function withoutShell(name: string): string | false {
  return programPath(name) === undefined
    ? `there is no ${name} here (scripts/setup test installs it)`
    : false;
}
