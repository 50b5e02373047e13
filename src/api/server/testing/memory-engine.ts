import { notFound } from "../../../base/errors.ts";
import type { ContainerView, Engine, SystemFacts } from "../ports.ts";

/** An engine whose every verb refuses; a test replaces those it is about. Nothing of the kernel is behind it. */
const refusing = <T extends object>(name: string, verbs: Partial<T>): T =>
  new Proxy(verbs as T, {
    get(target, verb) {
      const own = Reflect.get(target, verb);
      if (own !== undefined) return own;
      return () => {
        throw notFound(`the test's engine has no ${name}.${String(verb)}`);
      };
    },
  });

export type Verbs = { readonly [K in keyof Engine]?: Partial<Engine[K]> };

export const memoryEngine = (verbs: Verbs = {}): Engine => ({
  containers: refusing("containers", verbs.containers ?? {}),
  archives: refusing("archives", verbs.archives ?? {}),
  execs: refusing("execs", verbs.execs ?? {}),
  images: refusing("images", verbs.images ?? {}),
  builder: refusing("builder", verbs.builder ?? {}),
  networks: refusing("networks", verbs.networks ?? {}),
  volumes: refusing("volumes", verbs.volumes ?? {}),
  system: refusing("system", { facts: async () => sampleFacts, ...verbs.system }),
});

export const sampleFacts: SystemFacts = {
  time: "2026-11-21T12:00:00.123456789Z",
  id: "7a4ce1c0-6d3a-4d3e-8f58-2f6c5b1f7a11",
  version: "0.1.0",
  gitCommit: "0000000",
  nodeVersion: "26.10.0",
  name: "host",
  kernelVersion: "6.18.0",
  operatingSystem: "Debian GNU/Linux 12 (bookworm)",
  osVersion: "12",
  architecture: "x86_64",
  cpus: 2,
  memory: 8_589_934_592,
  storageDriver: "overlay2",
  driverStatus: [["Backing Filesystem", "extfs"]],
  cgroupDriver: "cgroupfs",
  cgroupVersion: "1",
  controllers: new Set(["memory", "cpu", "cpuset", "pids"]),
  loggingDriver: "json-file",
  dataRoot: "/var/lib/wharf",
  runtimes: { crun: { path: "crun" } },
  defaultRuntime: "crun",
  initBinary: "tini",
  securityOptions: ["name=seccomp,profile=builtin"],
  liveRestore: true,
  debug: false,
  labels: [],
  insecureRegistries: ["127.0.0.0/8"],
  registryMirrors: [],
  httpProxy: "",
  httpsProxy: "",
  noProxy: "",
  containers: { running: 1, paused: 0, stopped: 0 },
  images: 1,
  ipv4Forwarding: true,
  firewall: "iptables",
  addressPools: [{ base: "172.17.0.0/16", size: 16 }],
  warnings: [],
  components: [{ name: "crun", version: "1.8.1" }],
  goroutines: 1,
  fileDescriptors: 20,
  cdiFolders: ["/etc/cdi"],
  devices: ["vendor.com/device=one"],
  listeners: 0,
};

export const sampleContainer: ContainerView = {
  id: "3bddb497fa2bed23e58a22dec16a8c88abbb96b9c91e61221c3aca1ec12f5531",
  name: "web",
  created: "2026-11-21T07:13:12.640833523Z",
  path: "sh",
  args: ["-c", "echo hi"],
  state: { status: "running", pid: 42, startedAt: "2026-11-21T07:13:13.027497798Z" },
  image: "sha256:9a8fdb4f3090757f3d88c0a4672163e6dca64f1c0ca32b74b2411ff9f06360ad",
  imageName: "busybox",
  config: { Image: "busybox", Cmd: ["sh", "-c", "echo hi"], ExposedPorts: { "80/tcp": {}, "81/tcp": {} } },
  hostConfig: {
    NetworkMode: "bridge",
    ShmSize: 67_108_864,
    CgroupnsMode: "private",
    LogConfig: { Type: "json-file", Config: {} },
  },
  restartCount: 0,
  driver: "overlay2",
  platform: "linux",
  linkNames: [],
  execIds: [],
  mounts: [
    { type: "bind", source: "/srv", destination: "/bind", mode: "ro", rw: false, propagation: "rprivate" },
  ],
  files: { hosts: "/run/hosts", hostname: "/run/hostname", resolvConf: "/run/resolv.conf", log: "/run/log" },
  snapshot: { lower: ["/l/2", "/l/1"], upper: "/l/u/diff", work: "/l/u/work", merged: "/l/u/merged" },
  network: {
    sandboxId: "7dfec0f74dfe",
    sandboxKey: "/run/netns/7dfec0f74dfe",
    ports: [{ containerPort: 80, protocol: "tcp", hostIp: "0.0.0.0", hostPort: 8080 }],
    endpoints: {
      bridge: {
        request: {},
        networkId: "cd733155aa02",
        endpointId: "33c828c842b6",
        macAddress: "02:42:ac:11:00:02",
        gateway: "172.17.0.1",
        ipv4: "172.17.0.2",
        ipv4Prefix: 16,
        gateway6: "",
        ipv6: "",
        ipv6Prefix: 0,
        dnsNames: [],
      },
    },
  },
};
