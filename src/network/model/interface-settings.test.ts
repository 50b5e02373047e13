import assert from "node:assert/strict";
import { test } from "node:test";
import { interfaceSettings, SYSCTLS } from "./interface-settings.ts";

const read = (text: string) =>
  interfaceSettings({ [SYSCTLS]: text }).map(({ path, value }) => `${path("eth0")}=${value}`);

test("settings of an endpoint's interface", () => {
  assert.deepEqual(read("net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.ifname.accept_ra=2"), [
    "/proc/sys/net/ipv4/conf/eth0/log_martians=1",
    "/proc/sys/net/ipv6/conf/eth0/accept_ra=2",
  ]);
  assert.deepEqual(interfaceSettings(undefined), []);
  for (const bad of [
    "net.ipv4.conf.eth0.x=1",
    "kernel.x=1",
    "net.ipv4.conf.IFNAME.../../x=1",
    "net.ipv4.conf.IFNAME.x",
  ])
    assert.throws(() => read(bad), /unrecognised network interface sysctl/);
});
