import { anyArguments, command } from "../../command/command.ts";
import { metaFolder, readContext, readTlsFiles, tlsFolder } from "../../config/contexts.ts";
import { currentContext, DEFAULT_CONTEXT, defaultEndpoint } from "../../connection/choose.ts";
import { formatEndpoint } from "../../connection/endpoint.ts";
import type { Context } from "../../context.ts";
import { formatFlag } from "../../format/help.ts";
import { inspectAll } from "../../inspect/inspect.ts";

function documentOf({ chosen, env }: Context, Name: string): unknown {
  const { folder } = chosen;
  if (Name === DEFAULT_CONTEXT) {
    const docker = { Host: formatEndpoint(defaultEndpoint(chosen, env)), SkipTLSVerify: false };
    const Storage = { MetadataPath: "<IN MEMORY>", TLSPath: "<IN MEMORY>" };
    return { Name, Metadata: {}, Endpoints: { docker }, TLSMaterial: {}, Storage };
  }
  const { Metadata = {}, Endpoints = {} } = readContext(folder, Name);
  const files = Object.keys(readTlsFiles(folder, Name));
  const TLSMaterial = files.length > 0 ? { docker: files } : {};
  const Storage = { MetadataPath: metaFolder(folder, Name), TLSPath: tlsFolder(folder, Name) };
  return { Name, Metadata, Endpoints, TLSMaterial, Storage };
}

export default command({
  flags: {
    format: formatFlag("f"),
  },
  arguments: anyArguments("context"),
  run(context, { values: { format }, args }) {
    const names = args.length > 0 ? args : [currentContext(context.chosen, context.env, context.config)];
    return inspectAll(context, names, format, async (name) => ({
      kind: "context",
      json: JSON.stringify(documentOf(context, name)).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e"),
    }));
  },
});
