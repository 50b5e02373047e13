/** How a value is written: once, or repeated; on the command line always as text. */
export type OptionKind = "bool" | "string" | "number" | "list" | "map";

export interface Option {
  /** Flag name, dockerd's. */
  readonly name: string;
  readonly short?: string;
  readonly kind: OptionKind;
  /** Key in daemon.json where it differs from the flag's name; null when it can only be a flag. */
  readonly key?: string | null;
  readonly help: string;
  /** Set when the engine cannot honour the option yet: any use is refused with this reason. */
  readonly refused?: string;
  /** Values that ask for nothing beyond what happens anyway, and so are fine on a refused option. */
  readonly harmless?: readonly string[];
  /** What a name without a value means in a map on the command line; undefined: it is refused. */
  readonly bare?: string;
  /** SIGHUP applies a new value. */
  readonly reloadable?: boolean;
}

const swarm = "swarm mode is not part of this engine";
const containerd = "this engine drives its monitor and OCI runtime itself, without containerd";

/** Every option of dockerd 28, by its names. Help texts are ours. */
export const OPTIONS: readonly Option[] = [
  { name: "config-file", kind: "string", key: null, help: "configuration file" },
  { name: "validate", kind: "bool", key: null, help: "check the configuration and exit" },
  { name: "version", short: "v", kind: "bool", key: null, help: "print the version and exit" },
  { name: "help", short: "h", kind: "bool", key: null, help: "print this help and exit" },

  {
    name: "host",
    short: "H",
    kind: "list",
    key: "hosts",
    help: "socket to listen on: unix://PATH, tcp://HOST:PORT, fd://",
  },
  {
    name: "build-cache-limit",
    kind: "string",
    key: null,
    help: "bytes of build cache that may stay, the longest unused goes first; 0: no limit (file: builder.gc)",
  },
  { name: "group", short: "G", kind: "string", help: "group of the unix socket" },
  { name: "data-root", kind: "string", help: "where images, containers and volumes are kept" },
  { name: "exec-root", kind: "string", help: "where the state of running containers is kept (tmpfs)" },
  { name: "pidfile", short: "p", kind: "string", help: "file with the engine's process id" },
  { name: "debug", short: "D", kind: "bool", reloadable: true, help: "log at debug level" },
  {
    name: "log-level",
    short: "l",
    kind: "string",
    reloadable: true,
    help: "debug, info, warn, error or fatal",
  },
  { name: "log-format", kind: "string", help: "text or json" },
  {
    name: "raw-logs",
    kind: "bool",
    help: "log without colours",
    harmless: ["true", "false"],
    refused: "logs have no colours",
  },
  { name: "label", kind: "list", key: "labels", reloadable: true, help: "key=value label of the engine" },
  {
    name: "live-restore",
    kind: "bool",
    reloadable: true,
    help: "leave containers running when the engine stops",
  },
  {
    name: "shutdown-timeout",
    kind: "number",
    reloadable: true,
    help: "seconds containers get to stop when the engine stops, at least: each has its own time",
  },
  {
    name: "experimental",
    kind: "bool",
    help: "experimental features",
    harmless: ["false"],
    refused: "there are no experimental features",
  },
  {
    name: "feature",
    kind: "map",
    key: "features",
    bare: "true",
    help: "feature switch: cdi=BOOL",
  },
  {
    name: "metrics-addr",
    kind: "string",
    help: "address of the metrics endpoint",
    refused: "the metrics endpoint is not there yet",
  },

  { name: "tls", kind: "bool", help: "use TLS on tcp sockets" },
  { name: "tlsverify", kind: "bool", help: "use TLS and require a client certificate" },
  { name: "tlscacert", kind: "string", help: "certificate authority of clients" },
  { name: "tlscert", kind: "string", help: "the engine's certificate" },
  { name: "tlskey", kind: "string", help: "the engine's key" },
  {
    name: "authorization-plugin",
    kind: "list",
    key: "authorization-plugins",
    help: "authorization plugins",
    refused: "authorization plugins are not supported yet",
  },

  { name: "storage-driver", short: "s", kind: "string", help: "overlay2, btrfs or vfs" },
  {
    name: "storage-opt",
    kind: "list",
    key: "storage-opts",
    help: "layer.max-size=BYTES, layer.max-entries=NUMBER, overlay2.size=BYTES, btrfs.size=BYTES",
  },
  {
    name: "max-concurrent-downloads",
    kind: "number",
    reloadable: true,
    help: "layers pulled at once",
  },
  {
    name: "max-concurrent-uploads",
    kind: "number",
    reloadable: true,
    help: "layers pushed at once",
  },
  {
    name: "max-download-attempts",
    kind: "number",
    reloadable: true,
    help: "tries per layer",
  },
  {
    name: "registry-mirror",
    kind: "list",
    key: "registry-mirrors",
    reloadable: true,
    help: "mirror of the default registry",
  },
  {
    name: "insecure-registry",
    kind: "list",
    key: "insecure-registries",
    reloadable: true,
    help: "registry without TLS verification",
  },
  {
    name: "allow-nondistributable-artifacts",
    kind: "list",
    help: "registries that may get foreign layers",
    refused: "foreign layers are never sent: registries get their manifest, which says where they are",
  },

  { name: "add-runtime", kind: "map", key: "runtimes", help: "name=path of another OCI runtime" },
  { name: "default-runtime", kind: "string", help: "OCI runtime of containers that name none" },
  { name: "exec-opt", kind: "list", key: "exec-opts", help: "native.cgroupdriver=cgroupfs" },
  {
    name: "cgroup-parent",
    kind: "string",
    help: "cgroup above those of containers, not shared with another engine",
  },
  { name: "default-cgroupns-mode", kind: "string", reloadable: true, help: "host or private" },
  { name: "default-ipc-mode", kind: "string", reloadable: true, help: "private or shareable" },
  { name: "default-shm-size", kind: "string", reloadable: true, help: "size of /dev/shm" },
  {
    name: "default-ulimit",
    kind: "list",
    key: "default-ulimits",
    help: "name=soft:hard limit of containers that set none",
  },
  { name: "init", kind: "bool", help: "run an init process in every container" },
  { name: "init-path", kind: "string", help: "path of the init binary" },
  { name: "no-new-privileges", kind: "bool", help: "set no-new-privileges in every container" },
  { name: "seccomp-profile", kind: "string", help: "path of a seccomp profile, or builtin or unconfined" },
  {
    name: "selinux-enabled",
    kind: "bool",
    help: "SELinux labels",
    harmless: ["false"],
    refused: "SELinux is not supported",
  },
  {
    name: "userns-remap",
    kind: "string",
    help: "user namespace of containers",
    harmless: [""],
    refused: "user namespace remapping is not supported yet",
  },
  {
    name: "rootless",
    kind: "bool",
    help: "run without root",
    harmless: ["false"],
    refused: "rootless mode is not supported yet",
  },
  {
    name: "cpu-rt-period",
    kind: "number",
    help: "real-time period",
    harmless: ["0"],
    refused: "real-time scheduling limits are not supported",
  },
  {
    name: "cpu-rt-runtime",
    kind: "number",
    help: "real-time runtime",
    harmless: ["0"],
    refused: "real-time scheduling limits are not supported",
  },
  {
    name: "cdi-spec-dir",
    kind: "list",
    key: "cdi-spec-dirs",
    help: "folder with CDI specifications of devices; an empty name switches them off",
  },
  {
    name: "node-generic-resource",
    kind: "list",
    key: "node-generic-resources",
    help: "swarm resources",
    refused: swarm,
  },
  { name: "swarm-default-advertise-addr", kind: "string", help: "swarm address", refused: swarm },
  {
    name: "network-control-plane-mtu",
    kind: "number",
    help: "swarm MTU",
    harmless: ["1500"],
    refused: swarm,
  },
  { name: "containerd", kind: "string", help: "containerd socket", refused: containerd },
  { name: "containerd-namespace", kind: "string", help: "containerd namespace", refused: containerd },
  { name: "containerd-plugins-namespace", kind: "string", help: "containerd namespace", refused: containerd },
  {
    name: "cri-containerd",
    kind: "bool",
    help: "containerd with CRI",
    harmless: ["false"],
    refused: containerd,
  },

  { name: "log-driver", kind: "string", help: "log driver of containers that name none" },
  {
    name: "log-opt",
    kind: "map",
    key: "log-opts",
    help: "option of the default log driver, name=value",
  },

  { name: "bridge", short: "b", kind: "string", help: "bridge of the default network, none to have none" },
  { name: "bip", kind: "string", help: "address and prefix of the default bridge" },
  {
    name: "bip6",
    kind: "string",
    help: "IPv6 address and prefix of the default bridge",
  },
  { name: "fixed-cidr", kind: "string", help: "range of container addresses on the default bridge" },
  {
    name: "fixed-cidr-v6",
    kind: "string",
    help: "IPv6 range of container addresses on the default bridge",
  },
  { name: "default-gateway", kind: "string", help: "gateway of containers on the default bridge" },
  {
    name: "default-gateway-v6",
    kind: "string",
    help: "IPv6 gateway of containers on the default bridge",
  },
  {
    name: "default-network-opt",
    kind: "list",
    key: "default-network-opts",
    help: "driver=option=value of new networks",
  },
  {
    name: "default-address-pool",
    kind: "list",
    key: "default-address-pools",
    help: "base=CIDR,size=N pool of network addresses",
  },
  { name: "mtu", kind: "number", help: "MTU of the default bridge" },
  { name: "icc", kind: "bool", help: "containers on the default bridge reach each other" },
  { name: "ip", kind: "string", help: "default address of published ports" },
  { name: "ip-forward", kind: "bool", help: "turn on IP forwarding" },
  {
    name: "ip-forward-no-drop",
    kind: "bool",
    help: "leave the FORWARD policy alone when forwarding is turned on",
  },
  {
    name: "allow-direct-routing",
    kind: "bool",
    help: "published ports are reached at containers' own addresses, too",
  },
  { name: "ip-masq", kind: "bool", help: "masquerade traffic of containers" },
  { name: "iptables", kind: "bool", help: "write iptables rules" },
  { name: "ip6tables", kind: "bool", help: "write ip6tables rules" },
  {
    name: "ipv6",
    kind: "bool",
    help: "IPv6 on the default bridge",
  },
  {
    name: "firewall-backend",
    kind: "string",
    help: "iptables or nftables",
  },
  {
    name: "userland-proxy",
    kind: "bool",
    help: "pass connections to the host's loopback on in the engine, not in the kernel",
  },
  {
    name: "userland-proxy-path",
    kind: "string",
    help: "path of a proxy program",
    refused: "the engine itself passes connections on: there is no proxy program",
  },
  {
    name: "host-gateway-ip",
    kind: "list",
    key: "host-gateway-ips",
    help: "address that host-gateway stands for, one of each family",
  },
  { name: "dns", kind: "list", help: "DNS server of containers" },
  { name: "dns-opt", kind: "list", key: "dns-opts", help: "resolver option of containers" },
  { name: "dns-search", kind: "list", help: "search domain of containers" },

  { name: "http-proxy", kind: "string", reloadable: true, help: "proxy for registries" },
  { name: "https-proxy", kind: "string", reloadable: true, help: "proxy for registries with TLS" },
  {
    name: "no-proxy",
    kind: "string",
    reloadable: true,
    help: "hosts reached without the proxy",
  },
];

export const keyOf = (option: Option): string | null => (option.key === undefined ? option.name : option.key);
