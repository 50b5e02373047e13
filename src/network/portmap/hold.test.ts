import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { freePort } from "../../../test/support/free-port.ts";
import { holdPort } from "./hold.ts";
import { RelayBudget } from "./relay-budget.ts";

const listenSctp = () => {
  throw new Error("no SCTP here");
};

/** Takes so many as soon as they are given back; the test's time limit ends it otherwise. */
async function until(budget: RelayBudget, descriptors: number): Promise<void> {
  while (!budget.take(descriptors)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a connection is served: the container's side says so first. */
function served(port: number): Promise<Socket | undefined> {
  const client = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    client.once("data", () => resolve(client));
    client.on("error", () => undefined);
    client.once("close", () => resolve(undefined));
  });
}

const limited = { timeout: 10_000 };

test("connections beyond the budget are closed at once, and what ends makes room", limited, async () => {
  const container = createServer((socket) =>
    socket
      .on("error", () => undefined)
      .resume()
      .write("here"),
  );
  container.listen(0, "127.0.0.1");
  await once(container, "listening");
  const { port } = container.address() as AddressInfo;
  const hostPort = await freePort();
  const binding = { hostIp: "127.0.0.1", hostPort, containerPort: port, protocol: "tcp" } as const;
  const budget = new RelayBudget(5);
  const held = await holdPort(binding, { target: () => ({ ip: "127.0.0.1", port }), budget, listenSctp });
  const [first, second, third] = [await served(hostPort), await served(hostPort), await served(hostPort)];
  assert.deepEqual([!!first, !!second, !!third], [true, true, false]);
  first!.destroy();
  await until(budget, 3);
  budget.giveBack(3);
  const fourth = await served(hostPort);
  assert.ok(fourth);
  await held.release();
  for (const client of [second, fourth]) client?.destroy();
  container.close();
  await once(container, "close");
  await until(budget, 5);
});

test(
  "releasing a port ends what it passes on, to a container that does not listen any more too",
  limited,
  async () => {
    // It neither reads nor closes.
    const container = createServer({ pauseOnConnect: true, allowHalfOpen: true }, () => undefined);
    container.listen(0, "127.0.0.1");
    await once(container, "listening");
    const { port } = container.address() as AddressInfo;
    const hostPort = await freePort();
    const binding = { hostIp: "127.0.0.1", hostPort, containerPort: port, protocol: "tcp" } as const;
    const budget = new RelayBudget(2);
    const held = await holdPort(binding, { target: () => ({ ip: "127.0.0.1", port }), budget, listenSctp });
    const client = connect(hostPort, "127.0.0.1").on("error", () => undefined);
    const [[inside]] = (await Promise.all([once(container, "connection"), once(client, "connect")])) as [
      [Socket],
      unknown,
    ];
    await held.release();
    await until(budget, 2);
    inside.destroy();
    client.destroy();
    container.close();
  },
);

test("a datagram's new sender takes the place of the one that was silent longest", limited, async () => {
  const container = createSocket("udp4", (bytes, from) => container.send(bytes, from.port, from.address));
  container.bind(0, "127.0.0.1");
  await once(container, "listening");
  const { port } = container.address();
  const hostPort = await freePort();
  const binding = { hostIp: "127.0.0.1", hostPort, containerPort: port, protocol: "udp" } as const;
  const budget = new RelayBudget(2);
  const held = await holdPort(binding, { target: () => ({ ip: "127.0.0.1", port }), budget, listenSctp });
  for (let n = 0; n < 5; n++) {
    const caller = createSocket("udp4");
    caller.send("echo", hostPort, "127.0.0.1");
    const [answer] = (await once(caller, "message")) as [Buffer];
    assert.equal(answer.toString(), "echo");
    caller.close();
  }
  assert.ok(!budget.take(1));
  await held.release();
  assert.ok(budget.take(2), "all is given back");
  container.close();
});
