import { createClient } from "../../src/api/client/index.ts";
import { output } from "../../test/support/docker-cli.ts";
import { startEngine } from "../../test/support/wharfd.ts";
import { median } from "../statistics.ts";

export interface PortTimes {
  /** Milliseconds to publish one port, among the first and among the last ones. */
  readonly first: number;
  readonly last: number;
  /** Microseconds to open a connection to the first port and to the last one. */
  readonly connectFirst: number;
  readonly connectLast: number;
}

const AROUND = 20;
const rounded = (value: number): number => Number(value.toFixed(1));

/** Opens and closes connections one after the other from within the engine's namespace. */
const CONNECT = `
const { connect } = require("net");
const port = Number(process.argv[1]);
const once = () => new Promise((done, fail) => {
  const start = process.hrtime.bigint();
  const socket = connect({ host: process.argv[2], port }, () => { const time = Number(process.hrtime.bigint() - start) / 1000; socket.destroy(); done(time); });
  socket.on("error", fail);
});
(async () => {
  const times = [];
  for (let i = 0; i < 300; i++) times.push(await once());
  times.sort((a, b) => a - b);
  console.log(times[150]);
})();`;

/** Publishes so many ports of one container, one by one. */
export async function publishMany(backend: "iptables" | "nftables", count: number): Promise<PortTimes> {
  await using engine = await startEngine({ direct: true, flags: [`--firewall-backend=${backend}`] });
  const id = await engine.ok("run", "-d", "busybox", "sh", "-c", "exec httpd -f -p 80");
  const client = createClient({ socketPath: engine.socket });
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await client.call("WharfPortAdd", { id, body: { Spec: `0.0.0.0:${10_000 + index}:80` } });
    times.push(performance.now() - started);
  }
  const connect = async (port: number) =>
    Number(await engine.inside(process.execPath, "-e", CONNECT, String(port), "172.17.0.1"));
  const result = {
    first: rounded(median(times.slice(0, AROUND))),
    last: rounded(median(times.slice(-AROUND))),
    connectFirst: rounded(await connect(10_000)),
    connectLast: rounded(await connect(10_000 + count - 1)),
  };
  client.close();
  await output("docker", ["rm", "-f", id], { env: engine.clientEnv });
  return result;
}
