import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearest } from "../command/nearest.ts";
import { bool, bytes, duration, filters, int, list, map, strings, text } from "./flag.ts";
import { mounts } from "./mount.ts";
import { HelpWanted, parseFlags } from "./parse.ts";
import { decimal, ulimits } from "./special.ts";

const FLAGS = {
  all: bool("a", "all"),
  detach: bool("d", "detach"),
  trunc: bool("", "on unless said otherwise", true),
  name: text("n", "name"),
  env: list("e", "env"),
  subnet: strings("", "subnet"),
  opt: map("o", "opt"),
  last: int("l", "last", -1),
  memory: bytes("m", "memory"),
  wait: duration("", "wait"),
  filter: filters("f", "filter", {}),
};

function parse(words: readonly string[], interspersed = true) {
  const warnings: string[] = [];
  const { values, changed, args } = parseFlags(FLAGS, words, interspersed, (line) => warnings.push(line));
  return { values, changed: [...changed], args, warnings };
}

describe("flags", () => {
  it("come long and short, joined and apart, between arguments", () => {
    const { values, args, changed } = parse([
      "x",
      "-ad",
      "--name=n1",
      "y",
      "-eA=b",
      "-e",
      "C",
      "--trunc=false",
      "-l=3",
    ]);
    assert.deepEqual(args, ["x", "y"]);
    assert.deepEqual(
      [values.all, values.detach, values.trunc, values.name, values.last],
      [true, true, false, "n1", 3],
    );
    assert.deepEqual(values.env, ["A=b", "C"]);
    assert.deepEqual(changed, ["all", "detach", "name", "env", "trunc", "last"]);
  });

  it("end at -- and, where the rest is somebody else's, at the first argument", () => {
    assert.deepEqual(parse(["-a", "--", "-d"]).args, ["-d"]);
    const { values, args } = parse(["-a", "image", "-d", "--name"], false);
    assert.deepEqual([values.all, values.detach, args], [true, false, ["image", "-d", "--name"]]);
  });

  it("gather lists, maps, sizes, durations and filters", () => {
    const { values } = parse(
      "--subnet a,b --subnet c -o x=1 -o y -m 1.5GiB --wait 1h1.5s -f a=b -f a=c=d -f Name=x".split(" "),
    );
    assert.deepEqual(values.subnet, ["a", "b", "c"]);
    assert.deepEqual(values.opt, { x: "1", y: "" });
    assert.deepEqual([values.memory, values.wait], [1.5 * 1024 ** 3, 3601.5e9]);
    assert.deepEqual(
      [...values.filter],
      [
        ["a", ["b", "c=d"]],
        ["name", ["x"]],
      ],
    );
  });

  const refusals: readonly (readonly [string, string])[] = [
    ["--nope", "unknown flag: --nope"],
    ["-z", "unknown shorthand flag: 'z' in -z"],
    ["-az", "unknown shorthand flag: 'z' in -z"],
    ["--name", "flag needs an argument: --name"],
    ["-n", "flag needs an argument: 'n' in -n"],
    ["-an", "flag needs an argument: 'n' in -n"],
    ["--=x", "bad flag syntax: --=x"],
    ["---x", "bad flag syntax: ---x"],
    [
      "--all=maybe",
      'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    ["--last=x", 'invalid argument "x" for "-l, --last" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    ["--memory=x", `invalid argument "x" for "-m, --memory" flag: invalid size: 'x'`],
    ["--wait=3", 'invalid argument "3" for "--wait" flag: time: missing unit in duration "3"'],
    [
      "--filter=a",
      'invalid argument "a" for "-f, --filter" flag: bad format of filter (expected name=value)',
    ],
  ];
  for (const [word, message] of refusals)
    it(`refuse ${word}`, () => assert.throws(() => parse([word]), { name: "UsageError", message }));

  it("know --help, and -h where it means nothing else", () => {
    assert.throws(() => parse(["--help"]), HelpWanted);
    assert.throws(() => parse(["-h"]), HelpWanted);
  });

  it("guess what was meant", () => {
    assert.equal(nearest("filtre", ["filter", "format"]), "filter");
    assert.equal(nearest("xyz", ["filter", "format"]), undefined);
  });
});

describe("flags with a notation of their own", () => {
  it("CPUs are exact", () => {
    const { read } = decimal("", "");
    assert.deepEqual(
      ["1", "0.5", ".25", "1.000000001"].map((word) => read(word, 0)),
      [1e9, 5e8, 25e7, 1000000001],
    );
    assert.throws(() => read("x", 0), /failed to parse x as a rational number/);
  });

  it("ulimits replace those of the same name", () => {
    const { read } = ulimits("", "");
    assert.deepEqual(read("nofile=5:6", read("nofile=1", [])), [{ Name: "nofile", Soft: 5, Hard: 6 }]);
    for (const bad of ["x", "nope=1", "nofile=1:2:3", "nofile=5:1"])
      assert.throws(() => read(bad, []), Error, bad);
  });

  it("mounts", () => {
    const { read } = mounts("", "");
    assert.deepEqual(read("type=bind,src=/a,dst=/b,ro,bind-propagation=rslave", []), [
      { Type: "bind", Source: "/a", Target: "/b", ReadOnly: true, BindOptions: { Propagation: "rslave" } },
    ]);
    assert.deepEqual(read('target=/v,volume-opt=o=a,"volume-label=x=y,z",volume-nocopy', []), [
      {
        Type: "volume",
        Target: "/v",
        VolumeOptions: { DriverConfig: { Options: { o: "a" } }, Labels: { x: "y,z" }, NoCopy: true },
      },
    ]);
  });
});
