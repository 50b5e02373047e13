import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { holdExclusively } from "../store/index.ts";
import { Access } from "./access/access.ts";
import { Members } from "./access/members.ts";
import { adminRoutes } from "./admin/routes.ts";
import { AuditLog } from "./audit/audit.ts";
import { Accounts } from "./auth/accounts.ts";
import { RegistryAuthenticator } from "./auth/authenticator.ts";
import { RateLimit } from "./auth/limits.ts";
import { Robots } from "./auth/robots.ts";
import { Sessions } from "./auth/sessions.ts";
import { tokenRoutes } from "./auth/token-routes.ts";
import { Tokens } from "./auth/tokens.ts";
import { Users } from "./auth/users.ts";
import type { RegistryOptions } from "./config.ts";
import { Contents } from "./content/contents.ts";
import { Uploads } from "./content/uploads.ts";
import { projectOf } from "./distribution/names.ts";
import { distributionRoutes } from "./distribution/routes.ts";
import { Collector } from "./gc/collector.ts";
import { failure } from "./http/errors.ts";
import { createHandler, type Observation } from "./http/handler.ts";
import { Router } from "./http/router.ts";
import { Journal } from "./journal/journal.ts";
import { Traffic } from "./journal/traffic.ts";
import { openMetadata } from "./metadata/metadata.ts";
import { Metrics } from "./metrics/metrics.ts";
import { AccessLog } from "./operations/access-log.ts";
import { healthRoutes } from "./operations/health.ts";
import { RegistryServer } from "./operations/server.ts";
import { RegistryCache } from "./proxy/pull-through.ts";
import { FilesystemStorage } from "./storage/filesystem.ts";
import { webRoutes } from "./web/routes.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

/** A registry that serves. */
export interface RunningRegistry extends AsyncDisposable {
  readonly port: number;
  readonly routes: Router["routes"];
  /** Reads the TLS certificate again. */
  reload(): Promise<void>;
  /** Finishes requests under way, writes what is pending and closes everything. */
  stop(): Promise<void>;
}

/** Puts the parts together over the folder `options.data`. */
async function openParts(options: RegistryOptions) {
  const metadata = openMetadata(join(options.data, "registry.db"));
  const { database } = metadata;
  const storage = await FilesystemStorage.open(options.data);
  const members = new Members(database);
  const traffic = new Traffic(database);
  const journal = new Journal(new AuditLog(database), metadata, traffic, options.log);
  const contents = new Contents(storage, metadata);
  const uploads = new Uploads(storage, metadata.uploads);
  const metrics = new Metrics(() => {
    const { count, bytes } = metadata.blobs.totals();
    return [
      ["wharf_registry_blobs", "Different contents stored.", count],
      ["wharf_registry_blob_bytes", "Bytes of the different contents stored.", bytes],
      ["wharf_registry_manifests", "Manifests in all repositories.", metadata.manifests.count()],
      ["wharf_registry_uploads", "Uploads under way.", metadata.uploads.count()],
    ];
  });
  const accounts = new Accounts(new Users(database), new Robots(database), (name, address) => {
    metrics.failedSignIns.add();
    journal.recordSoon({ actor: name, action: "session.fail", address, outcome: "denied" });
  });
  const webhooks = new Webhooks(database, options.log);
  journal.onEvent((event) => webhooks.notify(event));
  return {
    webhooks,
    collector: new Collector({ ...options, metadata, storage, contents, uploads, journal }),
    metadata,
    storage,
    members,
    traffic,
    journal,
    contents,
    uploads,
    metrics,
    accounts,
    access: new Access(metadata, members),
    tokens: new Tokens(database),
    sessions: new Sessions(database),
  };
}

export type RegistryParts = Awaited<ReturnType<typeof openParts>>;

/** Starts a registry. Throws conflict where another one serves the same folder. */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  await mkdir(options.data, { recursive: true, mode: 0o700 });
  await using stack = new AsyncDisposableStack();
  stack.use(holdExclusively(join(options.data, "lock.db"), `a registry runs on ${options.data} already`));
  const parts = await openParts(options);
  stack.defer(() => parts.metadata.database.close());
  stack.use(parts.metrics);
  stack.defer(() => parts.journal.flush());
  const router = new Router(routesOf(options, parts));
  const accessLog = options.accessLog && new AccessLog(options.accessLog);
  stack.defer(() => accessLog?.flush());
  const handler = createHandler({
    router,
    guard: { authenticator: authenticatorOf(options, parts), ...parts },
    log: options.log,
    trustProxy: options.trustProxy,
    secure: options.tls !== undefined,
    admit: admission(options.rateLimit),
    observe: (observation) => observe(parts, accessLog, observation),
  });
  const server = await RegistryServer.listen(options, handler);
  stack.defer(() => parts.webhooks.stop());
  stack.defer(() => parts.collector.stop());
  stack.use(collectRegularly(options, parts));
  stack.defer(() => server.close());
  parts.webhooks.start();
  const undo = stack.move();
  const stop = () => undo.disposeAsync();
  return {
    port: server.port,
    routes: router.routes,
    reload: () => server.reloadTls(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function routesOf(options: RegistryOptions, parts: RegistryParts) {
  const { metadata, accounts, access, metrics, storage, tokens } = parts;
  return [
    ...distributionRoutes({
      ...parts,
      pullThrough: new RegistryCache({ ...parts, log: options.log }),
      leaseTime: options.leaseTime,
    }),
    ...adminRoutes(
      { ...parts, requireAccount: options.requireAccount, secure: options.tls !== undefined },
      options.data,
    ),
    ...webRoutes(),
    ...tokenRoutes({ accounts, tokens, access, requireAccount: options.requireAccount }),
    ...healthRoutes({
      metrics,
      faults: async () => [
        ...((await storage.writable()) ? [] : ["the data folder cannot be written to"]),
        ...(metadata.database.prepare("SELECT 1").get() ? [] : ["the database does not answer"]),
      ],
    }),
  ];
}

function authenticatorOf(options: RegistryOptions, parts: RegistryParts): RegistryAuthenticator {
  const { accounts, tokens, sessions } = parts;
  return new RegistryAuthenticator({
    accounts,
    tokens,
    sessions,
    requireAccount: options.requireAccount,
    externalUrl: options.externalUrl,
  });
}

/** Runs garbage collection every so often, unless one is running already. */
function collectRegularly({ collectEvery, log }: RegistryOptions, { collector }: RegistryParts): Disposable {
  const collect = () => {
    collector
      .collect({ by: "registry", dryRun: false, untagged: false })
      .then(({ contents, bytes }) => log.info("garbage was collected", { contents, bytes }))
      .catch((error: unknown) => log.warn("no garbage was collected", { error }));
  };
  const timer = collectEvery > 0 ? setInterval(collect, collectEvery).unref() : undefined;
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function admission(rate: number): (address: string) => void {
  const limit = new RateLimit(rate);
  return (address) => {
    const wait = limit.take(address);
    if (wait > 0) throw failure("TOOMANYREQUESTS", { headers: { "Retry-After": String(wait) } });
  };
}

function observe(parts: RegistryParts, accessLog: AccessLog | undefined, observation: Observation): void {
  const { exchange, status, seconds, sent, received } = observation;
  const { metrics, traffic } = parts;
  const route = exchange.route || "none";
  metrics.requests.add({ method: exchange.method, route, status: String(status) });
  metrics.durations.observe({ route }, seconds);
  metrics.sent.add({}, sent);
  metrics.received.add({}, received);
  const name = exchange.params["name"];
  if (name && status < 400 && exchange.path.startsWith("/v2/"))
    traffic.add(projectOf(name), { sent, received });
  accessLog?.add(observation);
}
