/**
 * Command lines that both `docker` and `wharf` run on one engine, in this order: what they print and how they end must
 * be the same. `DIR` is a folder with a few files.
 */
export interface CommandLine {
  readonly args: readonly string[];
  readonly input?: string;
  /** Both change the engine: this undoes it between the two, or prepares it before each. */
  readonly before?: readonly string[];
  /** Only how it ends is compared: what it prints is of its time. */
  readonly onlyCode?: boolean;
}

export const lines = (text: string): readonly CommandLine[] =>
  text
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => ({ args: words(line) }));

/** Words of a line, with quotes as a shell reads them. */
export function words(line: string): readonly string[] {
  const all: string[] = [];
  for (const [, single, double, plain = ""] of line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g))
    all.push(single ?? double ?? plain);
  return all;
}

/** What is there before: containers that run, have ended and were only made; a network, a volume, images. */
export const PREPARE = lines(`
  network create --label tier=front --subnet 172.31.55.0/24 net1
  volume create --label keep=yes vol1
  tag busybox:latest example/app:1.0
  tag busybox:latest example/app:2.0
  run -d --name web --label role=web --label tier=front -p 127.0.0.1:18080-18082:80-82 -p 127.0.0.1::99/udp -e A=b -v vol1:/data --network net1 --network-alias www busybox sh -c 'echo out; echo err >&2; exec sleep 100000'
  run -d --name tty -t busybox sh -c 'echo terminal; exec sleep 100000'
  run --name done busybox sh -c 'echo bye; echo oops >&2; touch /made; exit 3'
  create --name made --label role=db busybox true
`);

export const USAGE = lines(`
  --nope
  nope
  ps --nope
  ps -z
  ps -n
  ps -n x
  ps a b
  ps --all=maybe
  ps --filter a
  ps --filter nope=1
  ps --format
  container nope
  rm
  rmi
  stop
  kill
  start
  exec web
  exec
  run
  create
  tag a
  port
  cp a
  commit
  import
  export
  inspect
  history
  network create
  network connect a
  network rm
  volume rm
  volume create a b
  login a b
  search
  top
  rename a
  update web
  run --memory x busybox
  run --ulimit x busybox
  run --cpus x busybox
  run --mount x busybox
  run --mount type=bind,source=/a busybox
  run --mount type=bind,source=a,target=/b,readonly=maybe busybox
  run --mount type=volume,target=/x,bind-propagation=z busybox
  run --mount type=bind,source=/a,target=/b,foo=1 busybox
  run --mount type=tmpfs,target=/x,tmpfs-size=zz busybox
  run --mount type=bind,src=/a,dst=/b,bind-recursive=zz busybox
  run --dns x busybox
  run --dns-search x_y..z busybox
  run --add-host a busybox
  run --add-host a:b busybox
  run --link a:b:c busybox
  run --device-read-bps a busybox
  run --device-read-bps /dev/x:zz busybox
  run --blkio-weight-device /dev/x:5 busybox
  run --env =x busybox
  run --env-file /nope busybox
  run --label-file /nope busybox
  run --attach foo busybox
  run --mac-address zz busybox
  run --device-cgroup-rule x busybox
  run --storage-opt x busybox
  run --security-opt x busybox
  run --security-opt seccomp=/nope busybox
  run --log-driver none --log-opt a=b busybox
  run --restart foo:x busybox
  run --restart on-failure:x busybox
  run --rm --restart always busybox
  run --memory-swappiness 200 busybox
  run --pid foo busybox
  run --uts foo busybox
  run --cgroupns x busybox
  run --userns x busybox
  run --health-interval -1s busybox
  run --health-interval x busybox
  run --no-healthcheck --health-cmd x busybox
  run -p a busybox
  run -p 80:90:100:110 busybox
  run -p 1.2.3:80:80 busybox
  run -p 99999 busybox
  run -p 80/foo busybox
  run --expose x busybox
  run --network-alias x --network host busybox
  run --gpus zz=1 busybox
  run --label =a busybox
  run --sysctl a busybox
  run --pull foo busybox
  run --stop-timeout x busybox
  run --detach --attach stdout busybox
  run --cidfile /etc/passwd busybox
  run -v a:b:c:d busybox
  run --name web busybox
  run --name / busybox
  run nope:nope@nope
  run NoPe
  run -it busybox
  run --network nope busybox
  stop --time x web
  inspect --type foo web
  inspect --type= web
  inspect -f '{{.Foo' web
  version --format '{{.Foo'
`);

export const READING = lines(`
  ps
  ps -a
  ps -q
  ps -aq --no-trunc
  ps -a --no-trunc
  ps -as
  ps -l
  ps -n 2
  ps -a --filter status=exited
  ps -a --filter label=role
  ps -a --filter name=web --format '{{.Names}}'
  ps -a --format json
  ps -a --format '{{json .}}'
  ps -a --format '{{.ID}}: {{.Names}} {{.Image}} {{.Command}} {{.Status}} {{.Ports}} {{.State}}'
  ps -a --format 'table {{.ID}}\t{{.Names}}\t{{.Label "role"}}'
  ps -a --format 'table {{.Names}}\t{{.Labels}}\t{{.Mounts}}\t{{.Networks}}\t{{.LocalVolumes}}'
  ps -a --format 'table {{upper .Names}}\t{{truncate .Image 3}}\t{{json .Names}}'
  ps -a --format '{{.Nope}}'
  ps -a --format '{{.Names'
  ps -a --format '{{range split .Names "e"}}[{{.}}]{{end}}'
  ps -a --format '{{if eq .State "running"}}{{.Names}} runs{{else}}{{.Names | title | printf "%-10s|"}}{{end}}'
  ps -a --format raw
  ps -a --format pretty
  ps -aq --format '{{.Names}}'
  container ls
  container list -a
  images
  images -q
  images -a --no-trunc
  images --digests busybox
  images example/app
  images example/app:1.0
  images 'example/*'
  images nope
  images --tree
  images --tree -a busybox
  images --tree nope
  images --tree -q
  images --tree --no-trunc
  images --tree --digests
  images --tree --format json
  images --filter dangling=true
  images --format json
  images --format 'table {{.Repository}}\t{{.Tag}}\t{{.Size}}\t{{.Digest}}\t{{.CreatedAt}}'
  images --format '{{.ID}} {{.CreatedSince}} {{.VirtualSize}} {{.SharedSize}} {{.UniqueSize}} {{.Containers}}'
  image ls -q --no-trunc
  image inspect busybox
  image inspect -f '{{.Config}} {{.RootFS}} {{.Created}} {{.RepoTags}} {{.Id}}' busybox
  image inspect nope
  history busybox
  history --no-trunc busybox
  history -q busybox
  history -H=false busybox
  history --format json busybox
  history --format '{{.ID}} {{.CreatedBy}} {{.Size}} {{.Comment}}' busybox
  history nope
  inspect web
  inspect -s done
  inspect busybox
  inspect net1
  inspect vol1
  inspect nope
  inspect web nope
  inspect -f '{{.Name}}' web nope done
  inspect -f json made
  inspect --type image web
  inspect --type network net1
  inspect -f '{{.Nope}}' web
  inspect -f '{{.Id}} {{.State.Status}} {{.State.Running}} {{.RestartCount}}' web
  inspect -f '{{.State.Health}}|{{.HostConfig.Binds}}|{{.HostConfig.CapAdd}}|{{.Args}}|{{.Config.Labels}}|{{.Config.Env}}' web
  inspect -f '{{if .State.Health}}h{{else}}none{{end}}' web
  inspect -f '{{json .State}}' done
  inspect -f '{{json .HostConfig.RestartPolicy}} {{json .Mounts}} {{json .Config.Cmd}} {{json .Config.Healthcheck}}' web
  inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{$v.IPAddress}} {{$v.Aliases}}{{end}}' web
  inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}}{{end}}' web
  inspect -f '{{index .Config.Labels "role"}}{{index .Config.Labels "none"}}' web
  inspect -f '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}' web
  inspect -f '{{with .Config}}{{.Image}}{{end}} {{len .Config.Env}} {{slice .Id 0 5}}' web
  inspect -f '{{.HostConfig.LogConfig}} {{.HostConfig.RestartPolicy}} {{.HostConfig.PortBindings}}' web
  inspect -f '{{.State}}' done
  inspect -f '{{printf "%s %d %v %q" .Name .State.ExitCode .State.Running .Driver}}' done
  inspect -f '{{.SizeRw}}' web
  inspect -f '{{range .NetworkSettings.Ports}}{{.}}{{end}}' done
  inspect -f '{{.GraphDriver.Name}} {{.Platform}} {{.ExecIDs}} {{.HostConfig.ConsoleSize}}' made
  container inspect nope
  container inspect -f '{{.Name}}' web
  network ls
  network ls -q
  network ls --no-trunc
  network ls --filter driver=bridge
  network ls --format json
  network ls --format 'table {{.Name}}\t{{.Labels}}\t{{.Internal}}\t{{.IPv6}}'
  network ls --format '{{.ID}} {{.CreatedAt}} {{.Label "tier"}}'
  network inspect net1
  network inspect nope
  network inspect -f '{{.IPAM}} {{.Created}} {{.Options}} {{.Containers}}' none
  network inspect -f '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}' net1
  network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}' net1 bridge
  volume ls
  volume ls -q
  volume ls --filter name=vol
  volume ls --format json
  volume ls --format 'table {{.Name}}\t{{.Mountpoint}}\t{{.Label "keep"}}\t{{.Size}}'
  volume inspect vol1
  volume inspect -f '{{.Labels}} {{.Scope}} {{.Options}} {{.Status}}' vol1
  volume inspect nope
  logs web
  logs -t web
  logs --tail 1 web
  logs -n 0 web
  logs --since 1h web
  logs --until 1h web
  logs --since x web
  logs tty
  logs done
  logs nope
  logs made
  port web
  port web 80
  port web 80/tcp
  port web 99/udp
  port web 7
  port web x
  port nope
  top web
  top web -o pid,comm
  top made
  diff done
  diff nope
  wait done
  wait done made
  wait nope
  exec web echo hi
  exec web sh -c 'echo o; echo e >&2; exit 5'
  exec -e X=1 -w /tmp web sh -c 'echo $X $PWD'
  exec -u nobody web id -un
  exec web nope
  exec made true
  exec nope true
  exec -it web sh
  exec -d web true
  exec --env =x web true
  attach made
  attach nope
  start -a nope
  start nope
  kill made
  kill nope
  stop nope made
  restart nope
  pause made
  unpause web
  rename web tty
  rename nope x
  rename web ''
  rm web
  rm nope
  rm -f nope
  rm nope nope2
  rmi nope
  rmi -f nope
  tag nope a
  tag busybox A
  save nope
  export nope
  commit nope
  cp nope:/x DIR
  cp web:/nope DIR
  cp DIR/nope web:/
  cp a b
  cp web:/a tty:/b
  cp DIR/file web:/nope/
  cp web:/etc DIR/file
  update --memory x web
  network rm nope
  network rm net1
  network connect net1 nope
  network connect nope web
  network disconnect net1 nope
  network create net1
  network create --subnet x y
  network create --gateway 1.2.3.4 y
  network create --subnet 10.1.0.0/16 --subnet 10.1.2.0/24 y
  network create -d nope y
  volume rm nope
  volume rm vol1
  volume create -d nope y
  system df
  system df -v
  system df --format json
  system df --format '{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}'
  version --format '{{.Server.ApiVersion}} {{.Server.Os}}'
  version --format '{{.Server.Nope}}'
  info --format '{{.ServerVersion}} {{.Driver}} {{.CgroupDriver}} {{.NCPU}}'
  info --format '{{json .Plugins}} {{.Swarm.LocalNodeState}} {{range .SecurityOptions}}{{.}} {{end}}'
  info --format '{{.Nope}}'
  plugin ls
  context ls
  context show
  context inspect
  context use nope
  context rm nope
  context create default
  stats --no-stream --format '{{.Name}} {{.Container}}' made
  stats --no-stream --no-trunc --format 'table {{.Name}}\t{{.PIDs}}' web
  stats --no-stream nope
  events --since 1h --until 0s --filter container=done --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}'
  events --since 1h --until 0s --filter container=done
  events --since 1h --until 0s --filter container=done --format '{{json .}}'
  container prune -f --filter label=nope
  image prune -f
  network prune -f --filter label=nope
  volume prune -f
  builder prune -f
  system prune -f --filter until=1h
  logout nope.example
`);

export const CHANGING: readonly CommandLine[] = [
  ...lines(`
    run --rm busybox echo hello
    run --rm busybox sh -c 'echo o; echo e >&2; exit 7'
    run --rm busybox nope
    run --rm busybox /etc
    run --rm -a stderr busybox sh -c 'echo o; echo e >&2'
    run --rm -e A=1 -e HOME -w /tmp -u 1:1 --hostname h busybox sh -c 'echo $A $HOME $PWD; id -u; hostname'
    run --rm --entrypoint echo busybox x y
    run --rm --read-only --tmpfs /t:size=1m busybox sh -c 'touch /x; touch /t/x'
    run --rm -v DIR:/m:ro busybox cat /m/file
    run --rm --mount type=bind,source=DIR,target=/m,readonly busybox ls /m
    run --rm --network none --cap-drop ALL --security-opt no-new-privileges busybox grep -E 'CapEff|NoNewPrivs' /proc/self/status
    run --rm --ulimit nofile=100:200 --memory 64m --cpus 0.5 --pids-limit 50 busybox sh -c 'ulimit -n'
    run --rm --label a=b --env-file DIR/env busybox env
    run --rm -t busybox tty
    run --rm --init busybox sh -c 'echo $$'
    run --rm --add-host foo:1.2.3.4 --dns 9.9.9.9 --dns-search example.org busybox cat /etc/resolv.conf
    run --rm --sysctl net.ipv4.ip_forward=0 busybox cat /proc/sys/net/ipv4/ip_forward
    container run --rm busybox true
    restart -t 0 done
    pause web
    unpause web
    pause web tty
    unpause web tty
    kill -s USR1 tty
    rename made made2
    rename made2 made
    update --memory 128m --memory-swap 256m made
    update --restart always made
    update --kernel-memory 64m made
    create --name opts --dns-opt ndots:3 --dns-opt timeout:1 busybox true
    inspect -f '{{.HostConfig.DnsOptions}}' opts
    rm opts
    context create one --docker host=tcp://1.2.3.4:5 --description first
    context create two --docker from=one
    context update one --docker host=tcp://1.2.3.4:6
    context update two --docker from=one
    context update two --description second
    context update one --docker hots=x
    context inspect -f '{{.Name}} {{.Endpoints.docker.Host}}' one two
    context rm one two
    update --restart no made
    tag busybox a/b:c
    rmi a/b:c
    network create --internal net9
    network rm net9
    network connect --alias other net1 tty
    network disconnect net1 tty
    volume create v9
    volume rm v9
    volume create --name v8
    volume rm -f v8
    start -a done
    wait done
    stop -t 0 tty
    start tty
    cp done:/made DIR/copied
    cp DIR/file done:/copied
    cp DIR/tree done:/tree
    cp DIR/tree/. done:/tree2
    cp done:/tree DIR/back
    cp done:/tree/. DIR/back2
    cp DIR/file done:/
    cp DIR/file done:/nope/x
    cp -q done:/etc/passwd -
    export -o DIR/export.tar done
    save -o DIR/save.tar busybox example/app:1.0
    load -i DIR/save.tar
    load -q -i DIR/save.tar
    load -i DIR/nope.tar
    build -q -t built:1 DIR/build
    build -q -t built:2 --build-arg WHO=me --label l=1 --target two DIR/build
    build -f nope DIR/build
    build DIR/nope
    build DIR/file
    rmi built:1 built:2
  `),
  { args: ["run", "--rm", "-i", "busybox", "cat"], input: "typed\n" },
  // wharf shows a build in its own way
  { args: ["build", "--no-cache", "-f", "DIR/build/Dockerfile.fail", "DIR/build"], onlyCode: true },
  { args: ["exec", "-i", "web", "cat"], input: "typed\n" },
  { args: ["run", "--rm", "-i", "busybox", "sh", "-c", "read x; echo got $x; exit 4"], input: "one\ntwo\n" },
  { args: ["container", "prune"], input: "n\n" },
  { args: ["system", "prune"], input: "\n" },
  { args: ["build", "-q", "-"], input: "FROM busybox\nRUN true\n" },
  { args: ["login", "-u", "a", "--password-stdin", "127.0.0.1:1"], input: "secret\n", onlyCode: true },
];
