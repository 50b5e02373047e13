import { type CommandLine, lines } from "./command-lines.ts";

/** A table of these fields. */
const table = (fields: string): string =>
  `'table ${fields
    .split(" ")
    .map((field) => `{{.${field}}}`)
    .join("\\t")}'`;

/**
 * Every field that docker's formatters have a heading for (SubHeaderContext in docker/cli's cli/command), as heading and as
 * value, and as documents.
 */
export const FORMATS: readonly CommandLine[] = lines(`
  ps -a --format ${table("ID Names Image Command CreatedAt RunningFor Ports State Status Labels Mounts LocalVolumes Networks Platform")}
  ps -as --format ${table("Names Size")}
  ps -s --format '{{json .}}'
  images --format ${table("ID Repository Tag Digest CreatedSince CreatedAt Size Containers VirtualSize SharedSize UniqueSize")}
  images --digests --format table
  images --digests --format raw
  images --format raw
  ps -a --format raw
  volume ls --filter name=vol1 --format raw
  history --format ${table("ID CreatedSince CreatedAt CreatedBy Size Comment")} busybox
  network ls --format ${table("ID Name Driver Scope IPv4 IPv6 Internal Labels CreatedAt")}
  volume ls --filter name=vol1 --format ${table("Name Group Driver Scope Availability Mountpoint Labels Links Size Status")}
  plugin ls --format ${table("ID Name Description Enabled PluginReference")}
  plugin ls --format json
  context ls --format ${table("Name Description DockerEndpoint Error")}
  context ls --format json
  context ls -q
  context inspect --format '{{json .}}'
  system df --format ${table("Type TotalCount Active Size Reclaimable")}
  system df -v --format json
  system df -v --format '{{.Images'
  system df -v --format '{{json .}}'
  system df -v --format '{{range .Images}}{{.Repository}} {{.SharedSize}} {{.UniqueSize}} {{.Containers}} {{end}}'
  system df -v --format '{{range .Containers}}{{.Names}} {{.LocalVolumes}} {{.Status}} {{end}}'
  system df -v --format '{{range .Volumes}}{{.Name}} {{.Links}} {{.Size}} {{end}}'
  system df -v --format ${table("Type Size")}
  build -q DIR/build
  system df
  system df -v
  system df -v --format '{{range .BuildCache}}{{.ID}} {{.CacheType}} {{.Size}} {{.InUse}} {{.Shared}} {{end}}'
  system df -v --format '{{range .BuildCache}}{{.Description}} {{.UsageCount}} {{.CreatedSince}} {{.LastUsedSince}} {{end}}'
  stats --no-stream --format ${table("Container Name ID CPUPerc MemUsage MemPerc NetIO BlockIO PIDs")} made
  stats --no-stream --format json made
  stats --no-stream -a --format '{{.Name}} {{.ID}}'
  stats --no-stream made done
  events --since 1h --until 0s --filter container=done --format json
  events --since 1h --until 0s --filter type=volume --format '{{json .}}'
  events --since 1h --until 0s --filter event=create --format '{{.ID}} {{.Type}} {{.Scope}} {{.Actor.ID}} {{.Status}} {{.From}}'
  info --format '{{.ID}} {{.Containers}} {{.ContainersRunning}} {{.Images}} {{.OSType}} {{.Architecture}} {{.MemTotal}} {{.DockerRootDir}}'
  info --format '{{json .ClientInfo.Context}} {{json .RegistryConfig}} {{json .Runtimes}} {{json .Warnings}} {{json .DriverStatus}}'
  version --format '{{json .Server}}'
  version --format '{{range .Server.Components}}{{.Name}} {{.Version}} {{json .Details}}{{end}}'
  search --format ${table("Name Description StarCount IsOfficial")} --limit 200 x
  inspect --format json web
  inspect --type volume --format '{{json .}}' vol1
  inspect -s --format '{{json .SizeRootFs}}' web
  container inspect -s --format '{{json .NetworkSettings.Ports}}' web
  network inspect --format json net1
  image inspect --format json busybox
`);
