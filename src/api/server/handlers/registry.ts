import type { registryRoutes } from "../../routes/registry.ts";
import { headerText } from "../body.ts";
import type { Handlers } from "../call.ts";

const AUTH = "x-registry-auth";

export const registryHandlers: Handlers<typeof registryRoutes> = {
  async SystemAuth({ body, engine, signal }) {
    const token = await engine.images.login(body, signal);
    return { Status: "Login Succeeded", IdentityToken: token };
  },
  ImagePush({ args, engine, headers, signal }) {
    const { name, tag, platform } = args;
    return engine.images.push(
      { image: name, tag: tag ?? "", platform, auth: headerText(headers, AUTH) },
      signal,
    );
  },
  async DistributionInspect({ args, engine, headers, signal }) {
    const remote = await engine.images.inspectRemote(args.name, headerText(headers, AUTH), signal);
    return { Descriptor: remote.descriptor, Platforms: remote.platforms };
  },
};
