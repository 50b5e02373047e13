import { command, exactly } from "../../command/command.ts";
import { bool, bytes, int, list, strings, text } from "../../flags/flag.ts";
import { ulimits } from "../../flags/special.ts";

export default command({
  flags: {
    "add-host": list("", 'Add a custom host-to-IP mapping ("host:ip")'),
    "build-arg": list("", "Set build-time variables"),
    "cache-from": strings("", "Images to consider as cache sources"),
    "cgroup-parent": text("", 'Set the parent cgroup for the "RUN" instructions during build'),
    compress: bool("", "Compress the build context using gzip"),
    "cpu-period": int("", "Limit the CPU CFS (Completely Fair Scheduler) period"),
    "cpu-quota": int("", "Limit the CPU CFS (Completely Fair Scheduler) quota"),
    "cpu-shares": int("c", "CPU shares (relative weight)"),
    "cpuset-cpus": text("", "CPUs in which to allow execution (0-3, 0,1)"),
    "cpuset-mems": text("", "MEMs in which to allow execution (0-3, 0,1)"),
    "disable-content-trust": bool("", "Skip image verification", true),
    file: text("f", 'Name of the Dockerfile (Default is "PATH/Dockerfile")'),
    "force-rm": bool("", "Always remove intermediate containers"),
    iidfile: text("", "Write the image ID to the file"),
    isolation: text("", "Container isolation technology"),
    label: list("", "Set metadata for an image"),
    memory: bytes("m", "Memory limit"),
    "memory-swap": bytes("", "Swap limit equal to memory plus swap: -1 to enable unlimited swap"),
    network: text("", "Set the networking mode for the RUN instructions during build", "default"),
    "no-cache": bool("", "Do not use cache when building the image"),
    platform: text("", "Set platform if server is multi-platform capable"),
    pull: bool("", "Always attempt to pull a newer version of the image"),
    quiet: bool("q", "Suppress the build output and print image ID on success"),
    rm: bool("", "Remove intermediate containers after a successful build", true),
    "security-opt": strings("", "Security options"),
    "shm-size": bytes("", 'Size of "/dev/shm"'),
    squash: bool("", "Squash newly built layers into a single new layer"),
    tag: list("t", 'Name and optionally a tag in the "name:tag" format'),
    target: text("", "Set the target build stage to build."),
    ulimit: ulimits("", "Ulimit options"),
  },
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
