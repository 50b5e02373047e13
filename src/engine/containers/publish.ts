import type { Endpoint } from "../../network/index.ts";
import type { Labels } from "../views.ts";
import type { Container } from "./container.ts";
import type { Kit } from "./kit.ts";

/** Publishes a container event with Docker's attributes: its labels, image and name, and what belongs to the action. */
export function publish(kit: Kit, container: Container, action: string, more: Labels = {}): void {
  const { config, imageName } = container.record.document;
  const attributes = { ...config.Labels, ...more, image: imageName, name: container.name };
  kit.events.publish("container", action, container.id, attributes);
}

/** Publishes that a container has joined or left its networks. */
export function publishEndpoints(
  kit: Kit,
  id: string,
  action: "connect" | "disconnect",
  endpoints: readonly Endpoint[],
): void {
  for (const { networkId, networkName } of endpoints) {
    const known = kit.networks.list().find((network) => network.id === networkId);
    const attributes = { container: id, name: networkName, type: known?.driver ?? "" };
    kit.events.publish("network", action, networkId, attributes);
  }
}
