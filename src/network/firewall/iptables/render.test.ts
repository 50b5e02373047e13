import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  additions,
  joined,
  missingFrom,
  parseSaved,
  removals,
  renderBatch,
  synchronization,
} from "./render.ts";
import { baseRules, networkRules, OWN_CHAINS, portRules, ruleLine, stateRules, TABLES } from "./rules.ts";

const docker0 = {
  bridge: "docker0",
  subnet4: "172.17.0.0/16",
  subnet6: undefined,
  internal: false,
  masquerade: true,
  icc: true,
};
const port = (hostIp: string) =>
  ({
    bridge: "docker0",
    containerIp: "172.17.0.2",
    binding: { hostIp, hostPort: 8080, containerPort: 80, protocol: "tcp" },
  }) as const;
const lines = (rules: ReturnType<typeof networkRules>) =>
  rules.map((rule) => `${rule.table} ${ruleLine("-A", rule)}`);

describe("rules", () => {
  it("of a bridge network", () => {
    assert.deepEqual(lines(networkRules(docker0, 4)), [
      "nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
      "nat -A POSTROUTING -s 127.0.0.0/8 -o docker0 -j MASQUERADE",
      "nat -A POSTROUTING -s 172.17.0.0/16 -o docker0 -m conntrack --ctstate DNAT -j MASQUERADE",
      "filter -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2",
      "filter -A DOCKER-ISOLATION-STAGE-2 -o docker0 -m conntrack ! --ctstate DNAT -j DROP",
      "filter -A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "filter -A DOCKER-BRIDGE -o docker0 -j DOCKER",
      "filter -A DOCKER ! -i docker0 -o docker0 -j DROP",
      "filter -A DOCKER-FORWARD -i docker0 -j ACCEPT",
    ]);
    assert.deepEqual(networkRules(docker0, 6), []);
  });

  it("of an internal one let nothing in or out", () => {
    const rules = lines(networkRules({ ...docker0, internal: true }, 4));
    assert.deepEqual(rules, [
      "filter -A DOCKER-ISOLATION-STAGE-1 ! -s 172.17.0.0/16 -o docker0 -j DROP",
      "filter -A DOCKER-ISOLATION-STAGE-1 ! -d 172.17.0.0/16 -i docker0 -j DROP",
      "filter -A DOCKER-FORWARD -i docker0 -o docker0 -j ACCEPT",
    ]);
  });

  it("without icc keep containers apart", () => {
    const rules = lines(networkRules({ ...docker0, icc: false, masquerade: false }, 4));
    assert.ok(rules.includes("filter -A DOCKER-FORWARD -i docker0 -o docker0 -j DROP"));
    assert.ok(!rules.some((line) => line.includes("! -o docker0 -j MASQUERADE")));
  });

  it("of a port", () => {
    const accept =
      "filter -A DOCKER -d 172.17.0.2/32 -o docker0 -p tcp -m tcp --dport 80 -m conntrack --ctstate DNAT -j ACCEPT";
    assert.deepEqual(lines(portRules(port("0.0.0.0"), 4)), [
      "nat -A DOCKER -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
      accept,
    ]);
    assert.deepEqual(
      lines(portRules(port("127.0.0.1"), 4))[0],
      "nat -A DOCKER -d 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
    );
    const [way, to] = ["filter -A DOCKER -d 172.17.0.2/32", "-o docker0 -p tcp -m tcp --dport 80 -j ACCEPT"];
    const direct = (from: readonly string[] | "everywhere") =>
      lines(portRules({ ...port("0.0.0.0"), direct: from }, 4)).slice(2);
    assert.deepEqual(direct(["eth0", "eth1"]), [`${way} -i eth0 ${to}`, `${way} -i eth1 ${to}`]);
    assert.deepEqual(direct("everywhere"), [`${way} ! -i docker0 ${to}`]);
    assert.deepEqual(portRules(port("0.0.0.0"), 6), []);
    const six = portRules({ ...port("::"), containerIp: "fd00::2" }, 6);
    assert.match(lines(six)[0]!, /--to-destination \[fd00::2\]:80$/);
  });
});

describe("batches", () => {
  const two = [...portRules(port("0.0.0.0"), 4)];

  it("are the text iptables-restore reads", () => {
    assert.equal(
      renderBatch(additions(two)),
      [
        "*nat",
        "-A DOCKER -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
        "COMMIT",
        "*filter",
        "-I DOCKER -d 172.17.0.2/32 -o docker0 -p tcp -m tcp --dport 80 -m conntrack --ctstate DNAT -j ACCEPT",
        "COMMIT",
        "",
      ].join("\n"),
    );
    assert.equal(renderBatch(joined([{}, {}])), "");
  });

  it("join in order", () => {
    const both = joined([additions(two), removals(two)]);
    assert.deepEqual(
      both.nat?.map((line) => line.slice(0, 2)),
      ["-A", "-D"],
    );
  });
});

describe("synchronization", () => {
  const rules = [...baseRules(4, true), ...stateRules({ networks: [docker0] }, 4)];
  const wanted = { rules, bridges: new Set(["docker0"]), forwardPolicy: undefined, others: [] };

  it("fills empty tables, and makes the administrator's chain", () => {
    const batch = synchronization(parseSaved(""), { ...wanted, forwardPolicy: "DROP" });
    assert.deepEqual(batch.filter?.slice(0, 2), [":FORWARD DROP [0:0]", ":DOCKER - [0:0]"]);
    assert.ok(batch.filter?.includes("-A DOCKER-USER -j RETURN"));
    assert.equal(batch.filter?.filter((line) => line.startsWith("-D")).length, 0);
    assert.ok(
      batch.filter!.indexOf("-I FORWARD -j DOCKER-FORWARD") <
        batch.filter!.indexOf("-I FORWARD -j DOCKER-USER"),
    );
  });

  it("takes its own rules out of built-in chains, however often they are there, and nobody else's", () => {
    const saved = parseSaved(
      [
        "*nat",
        ":DOCKER - [0:0]",
        "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
        "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
        "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
        "-A POSTROUTING -s 172.18.0.0/16 ! -o br-0123456789ab -j MASQUERADE",
        "-A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE",
        "-A DOCKER -i docker0 -j RETURN",
        "COMMIT",
        "*filter",
        ":DOCKER-USER - [0:0]",
        "-A FORWARD -j DOCKER-USER",
        "-A FORWARD -i eth0 -j ACCEPT",
        "-A DOCKER-USER -s 10.0.0.1/32 -j DROP",
        "COMMIT",
      ].join("\n"),
    );
    const batch = synchronization(saved, wanted);
    assert.deepEqual(
      batch.nat?.filter((line) => line.startsWith("-D")),
      [
        "-D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
        "-D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
        "-D OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
        "-D POSTROUTING -s 172.18.0.0/16 ! -o br-0123456789ab -j MASQUERADE",
      ],
    );
    assert.deepEqual(
      batch.filter?.filter((line) => line.startsWith("-D")),
      ["-D FORWARD -j DOCKER-USER"],
    );
    assert.ok(!batch.filter?.some((line) => line.startsWith(":DOCKER-USER") || line.startsWith(":FORWARD")));
  });

  it("leaves the rules of another engine's bridges in the common chains", () => {
    const others = [{ bridge: "other0", subnets: ["10.9.0.1/16"] }];
    const theirs = [
      "-A DOCKER -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.9.0.2:80",
      "-A POSTROUTING -s 10.9.0.0/16 ! -o other0 -j MASQUERADE",
    ];
    const gone = "-A DOCKER -p tcp -m tcp --dport 81 -j DNAT --to-destination 172.17.0.9:80";
    const saved = parseSaved(["*nat", ":DOCKER - [0:0]", ...theirs, gone, "COMMIT"].join("\n"));
    const { nat = [] } = synchronization(saved, { ...wanted, others });
    assert.ok(nat.includes(theirs[0]!));
    assert.deepEqual(
      nat.filter((line) => line.startsWith("-D") || line === gone),
      [],
    );
  });

  describe("of rules that are in place", () => {
    const first = ["-A FORWARD -j DOCKER-USER", "-A FORWARD -j DOCKER-FORWARD"];
    const text = (["mangle", "nat", "filter"] as const).flatMap((table) => [
      `*${table}`,
      ...["PREROUTING", "OUTPUT", "FORWARD", "POSTROUTING"].map((chain) => `:${chain} ACCEPT [0:0]`),
      ...OWN_CHAINS[table].map((chain) => `:${chain} - [0:0]`),
      ...(table === "filter" ? [":DOCKER-USER - [0:0]", ...first, "-A DOCKER-USER -j RETURN"] : []),
      ...rules
        .filter((rule) => rule.table === table && rule.chain !== "FORWARD")
        .map((rule) => ruleLine("-A", rule)),
      "COMMIT",
    ]);
    const changed = (lines: readonly string[], policy?: "DROP") => {
      const batch = synchronization(parseSaved(lines.join("\n")), { ...wanted, forwardPolicy: policy });
      return TABLES.filter((table) => batch[table]!.length > 0);
    };

    it("is nothing", () => assert.deepEqual(changed(text), []));

    it("is the table where a rule, a chain or the policy is missing, double or out of its place", () => {
      const jump = "-A DOCKER-FORWARD -j DOCKER-CT";
      assert.deepEqual(changed(text.filter((line) => line !== jump)), ["filter"]);
      assert.deepEqual(changed(text.filter((line) => !line.includes("MASQUERADE"))), ["nat"]);
      assert.deepEqual(changed(text.filter((line) => !line.startsWith(":DOCKER-USER"))), ["filter"]);
      assert.deepEqual(changed(text.flatMap((line) => (line === jump ? [line, line] : [line]))), ["filter"]);
      const above = text.flatMap((line) =>
        line === first[0] ? ["-A FORWARD -i x -j ACCEPT", line] : [line],
      );
      assert.deepEqual(changed(above), ["filter"]);
      const swapped = text.map((line) =>
        line === first[0] ? first[1]! : line === first[1] ? first[0]! : line,
      );
      assert.deepEqual(changed(swapped), ["filter"]);
      assert.deepEqual(changed(text, "DROP"), ["filter"]);
    });
  });

  it("guards the loopback of both families", () => {
    assert.equal(baseRules(4, true)[0]?.match, "-d 127.0.0.0/8 ! -i lo -j DROP");
    assert.equal(baseRules(6, true)[0]?.match, "-d ::1/128 ! -i lo -j DROP");
    assert.equal(baseRules(4, false)[0]?.match, "-d 127.0.0.0/8 ! -i lo -j DROP", "whoever passes it on");
  });

  it("is nothing for ports that came in another order, and puts them before the refusals", () => {
    const ports = [port("0.0.0.0"), { ...port("0.0.0.0"), containerIp: "172.17.0.3" }];
    const all = { ...wanted, rules: [...rules, ...stateRules({ ports }, 4)] };
    const filled = synchronization(parseSaved(""), all);
    const accept = filled.filter!.findLastIndex((line) => line.startsWith("-A DOCKER -d "));
    assert.ok(accept < filled.filter!.indexOf("-A DOCKER ! -i docker0 -o docker0 -j DROP"));
    const saved = (batch: typeof filled) =>
      parseSaved(
        TABLES.flatMap((table) => [
          `*${table}`,
          ":FORWARD ACCEPT [0:0]",
          ":PREROUTING ACCEPT [0:0]",
          ":OUTPUT ACCEPT [0:0]",
          ":POSTROUTING ACCEPT [0:0]",
          ...batch[table]!.filter((line) => line.startsWith(":") || line.startsWith("-A")),
          ...batch[table]!.filter((line) => line.startsWith("-I"))
            .map((line) => line.replace("-I", "-A"))
            .reverse(),
        ]).join("\n"),
      );
    const back = { ...all, rules: [...rules, ...stateRules({ ports: ports.toReversed() }, 4)] };
    assert.equal(renderBatch(synchronization(saved(filled), back)), "");
    assert.deepEqual(
      missingFrom(saved(synchronization(parseSaved(""), wanted)), all.rules),
      stateRules({ ports }, 4),
    );
  });
});
