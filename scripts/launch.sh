# Sourced by wharf, wharfd and the scripts; $checkout names the checkout. Runs before every command, so it only looks
# (shell built-ins, no child process) and leaves all work to scripts/setup.

# Sets $node, and in $programs the folder of what it is to run. scripts/setup leaves the link .cache/node behind; npm writes
# .package-lock.json when an install is whole, and puts no package-lock.json into packages.
find_node() {
  programs=$checkout/scripts
  [ -e "$checkout/package-lock.json" ] || { packaged_node && return; }
  node=$checkout/.cache/node
  if [ ! -x "$node" ] || [ "$checkout/package-lock.json" -nt "$checkout/node_modules/.package-lock.json" ]; then
    "$checkout/scripts/setup" node || exit
  fi
}

# Installed from a package (docs/packaging.md), there is nothing to set up: Node lies beside it, or is the system's.
packaged_node() {
  [ -d "$checkout/lib" ] || return
  programs=$checkout/lib/start
  for node in "$checkout/node" "$checkout"/../node-linux-*/bin/node "$checkout"/node_modules/node-linux-*/bin/node; do
    [ ! -x "$node" ] || return 0
  done
  node=$(command -v node) || { echo "wharf: needs Node 24 or newer, and there is no node here" >&2; exit 1; }
}

# Stripped types and compiled code are kept between runs, beside the sources they came from.
keep_compiled() {
  [ -n "${NODE_COMPILE_CACHE+set}" ] || [ ! -w "$checkout/.cache" ] || export NODE_COMPILE_CACHE="$checkout/.cache/compile"
}

# What the engine calls as programs of the system. A question about flags needs none of them.
need_engine_tools() {
  for argument; do
    case $argument in -h | --help | -v | --version | --validate) return ;; esac
  done
  have conmon && have iptables && { have crun || have runc; } || "$checkout/scripts/setup" engine || exit
}

have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]; }

# launch PROGRAM ARGUMENT...: becomes Node running it.
launch() {
  find_node
  main=$programs/$1
  shift
  # Hash tables of its own for each process take a quarter of Node's start. They guard servers, of which the registry is
  # one, against strangers. What the first of V8's compilers makes is not paid back before a short command ends; what runs
  # for longer gets to the better ones. With the larger young space a short command ends before it would be collected for
  # the first time; a server's memory grows by three times that space.
  flags="--no-rehash-snapshot --no-sparkplug --min-semi-space-size=16"
  [ "${1:-}" != registry ] || flags=--max-semi-space-size=8
  # Without `--` Node would take an --env-file of the command for its own.
  exec "$node" $flags -- "$main" "$@"
}
