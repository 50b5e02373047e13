import { conflict, forbidden, invalidParameter, notImplemented } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { Driver } from "../drivers/driver.ts";
import type { StoredNetwork } from "../model/records.ts";
import { validateIpam } from "../model/validate-ipam.ts";
import type { CreateNetwork, NetworkRecord } from "../network.ts";
import { enableForwarding } from "./forwarding.ts";
import { hostRoutes } from "./host-routes.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";
import { asConfiguration, checkConfigOptions, withConfiguration, withDefaults } from "./network-config.ts";

const OVERLAY =
  "network driver overlay needs swarm mode, which this engine has not: use bridge, macvlan or a plugin";
const PREDEFINED = new Set(["bridge", "host", "none", "default"]);

function checkName({ store }: Kit, name: string): void {
  if (PREDEFINED.has(name)) throw forbidden(`operation is not permitted on predefined ${name} network`);
  if (name.trim() === "") throw invalidParameter("invalid name: name is empty");
  if (store.networks().some(({ record }) => record.name === name))
    throw conflict(`network with name ${name} already exists`);
}

function draft(request: CreateNetwork, driver: string): NetworkRecord {
  return {
    id: newId(),
    name: request.name,
    driver,
    scope: "local",
    created: new Date().toISOString(),
    internal: request.internal ?? false,
    attachable: request.attachable ?? false,
    ingress: false,
    enableIPv4: request.enableIPv4 ?? true,
    enableIPv6: request.enableIPv6 ?? false,
    ipam: { driver: request.ipam?.driver || "default", options: request.ipam?.options ?? null, config: [] },
    options: request.options ?? {},
    labels: request.labels ?? {},
    ...(request.configFrom && { configFrom: request.configFrom }),
  };
}

/** Networks sharing a bridge would share everything. */
function checkBridge(kit: Kit, driver: Driver, record: NetworkRecord): void {
  const bridge = driver.firewall(record)?.bridge;
  if (bridge === undefined) return;
  const other = kit.store
    .networks()
    .find(({ record: its }) => driverOf(kit, its).firewall(its)?.bridge === bridge);
  if (other) {
    throw forbidden(
      `cannot create network ${record.id} (${bridge}): conflicts with network ${other.record.id} (${other.record.name}): networks have same bridge name`,
    );
  }
}

const poolsOf = ({ ipam }: CreateNetwork) =>
  (ipam?.config ?? []).filter((pool) =>
    Object.values(pool).some((value) => value !== undefined && value !== ""),
  );

/** Makes a network: its subnets, its part of the host, its rules. All or nothing. */
export function createNetwork(kit: Kit, asked: CreateNetwork): Promise<NetworkRecord> {
  return kit.queue.run("networks", async () => {
    checkName(kit, asked.name);
    checkConfigOptions(asked);
    validateIpam(poolsOf(asked), asked.enableIPv6 ?? false);
    if (asked.configOnly) return saveConfiguration(kit, asked);
    const configured = withConfiguration(kit, asked);
    const name = configured.driver || "bridge";
    if (name === "overlay") throw notImplemented(OVERLAY);
    const driver = await kit.drivers.find(name);
    const request = withDefaults(configured, kit.config.networkOptions?.[name]);
    driver.check(request);
    const bare = draft(request, name);
    checkBridge(kit, driver, bare);
    const ipam = await kit.ipams.find(bare.ipam.driver);
    await using undo = new AsyncDisposableStack();
    const pools = poolsOf(request);
    const { id: networkId, enableIPv4, enableIPv6 } = bare;
    const config = await ipam.requestPools(
      {
        networkId,
        enableIPv4,
        enableIPv6,
        pools,
        options: bare.ipam.options ?? {},
        withoutGateway: driver.withoutGateway(bare),
      },
      hostRoutes(kit),
    );
    undo.defer(() => ipam.releasePools(networkId));
    const record = { ...bare, ipam: { ...bare.ipam, config } };
    await establish(kit, driver, { record, configured: pools.some(({ subnet }) => subnet) }, undo);
    undo.move();
    return record;
  });
}

function saveConfiguration(kit: Kit, request: CreateNetwork): NetworkRecord {
  const record = asConfiguration(draft(request, "null"), poolsOf(request));
  kit.store.saveNetwork({ record, configured: false });
  return record;
}

/** The record first: what a killed engine left half made is completed at the next start. */
async function establish(
  kit: Kit,
  driver: Driver,
  network: StoredNetwork,
  undo: AsyncDisposableStack,
): Promise<void> {
  const { record } = network;
  undo.defer(() => kit.store.removeNetwork(record.id));
  kit.store.saveNetwork(network);
  undo.defer(() => driver.demolish(record));
  await driver.establish(record, "made");
  enableForwarding(kit);
  const rules = driver.firewall(record);
  if (!rules) return;
  undo.defer(() => kit.firewall.remove({ networks: [rules] }));
  await kit.firewall.add({ networks: [rules] });
}
