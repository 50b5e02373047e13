import type { StoredEndpoint, StoredSandbox } from "../model/records.ts";
import type { Endpoint, Sandbox } from "../network.ts";
import { filesIn } from "../sandbox/files.ts";

export function endpointView({
  hostInterface: _host,
  containerInterface: _container,
  lentInterface: _lent,
  change: _change,
  ...endpoint
}: StoredEndpoint): Endpoint {
  return endpoint;
}

export const sandboxView = ({ id, netns, endpoints, ports, request }: StoredSandbox): Sandbox => ({
  id,
  netns,
  endpoints: endpoints.map(endpointView),
  ports,
  files: filesIn(request.filesFolder),
});
