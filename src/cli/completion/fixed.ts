import { begun, DIRECTIVE, only, type Source } from "./candidates.ts";

/** Words that are the same on every engine. */

/** Names of signals without SIG, unless it has been typed. */
export const signals: Source = ({ word }) => {
  const { constants } = process.getBuiltinModule("node:os");
  const names = Object.keys(constants.signals);
  return only(
    /^s/i.test(word) && "SIG".startsWith(word.slice(0, 3)) ? names.concat(bare(names)) : bare(names),
  );
};

const bare = (names: readonly string[]): string[] => names.map((name) => name.replace(/^SIG/, ""));

/** capabilities(7), as of Linux 5.9; nothing came after. */
const CAPABILITIES =
  "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM".split(
    " ",
  );

/** With and without CAP_: the engine takes both. */
export const capabilities: Source = ({ word }) =>
  only(["ALL", ...(word.startsWith("CAP") ? CAPABILITIES.map((name) => `CAP_${name}`) : CAPABILITIES)]);

/** The names that a word for a capability may be, in the form it was written in. */
export const PLATFORMS =
  "linux/amd64 linux/arm64 linux/arm/v7 linux/arm/v6 linux/arm/v5 linux/386 linux/ppc64le linux/s390x linux/riscv64 linux/loong64".split(
    " ",
  );

const ULIMITS =
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
    " ",
  );
export const ulimits: Source = () => begun(ULIMITS.map((name) => `${name}=`));

const COMMON = "env env-regex labels max-buffer-size mode tag";
const LOG_OPTIONS: Readonly<Record<string, string>> = {
  "json-file": "compress env env-regex labels max-buffer-size max-file max-size mode tag",
  local: "compress max-buffer-size max-file max-size mode",
  journald: COMMON,
  syslog: `${COMMON} syslog-address syslog-facility syslog-format syslog-tls-ca-cert syslog-tls-cert syslog-tls-key syslog-tls-skip-verify`,
  fluentd: `${COMMON} fluentd-address fluentd-async fluentd-buffer-limit fluentd-max-retries fluentd-request-ack fluentd-retry-wait fluentd-sub-second-precision`,
  gelf: `${COMMON} gelf-address gelf-compression-level gelf-compression-type gelf-tcp-max-reconnect gelf-tcp-reconnect-delay`,
  none: "",
};

/** Options of the driver that --log-driver names, else of all. */
export const logOptions: Source = ({ values }) => {
  const driver = String(values["log-driver"] ?? "");
  const known = LOG_OPTIONS[driver] ?? Object.values(LOG_OPTIONS).join(" ");
  const names = [...new Set(known.split(" ").filter((name) => name !== ""))].sort();
  return begun(names.map((name) => `${name}=`));
};

/** Names of variables that are set here; their values are nobody's business. */
export const variables: Source = ({ context }) => only(Object.keys(context.env).sort());

/** Formats of a list: the words with a meaning of their own. */
export const TABLE_FORMATS = ["table", "json"];

export const detachKeys: Source = () => begun(["ctrl-"]);

export const securityOptions: Source = ({ word }) => {
  if (word.startsWith("label="))
    return begun(["disable", "level:", "role:", "type:", "user:"].map((rest) => `label=${rest}`));
  if (word.startsWith("seccomp="))
    return { words: ["seccomp=unconfined", "seccomp=builtin"], directive: DIRECTIVE.files };
  const whole = ["no-new-privileges", "systempaths=unconfined"];
  const open = ["apparmor=", "label=", "seccomp="];
  const fits = [...whole, ...open].filter((option) => option.startsWith(word));
  // One word that goes on gets no blank; several are a list.
  return fits.length === 1 && fits[0]?.endsWith("=") ? begun(fits) : only([...open, ...whole]);
};
