import type { Ask, TestRegistry } from "./registry.ts";

export const ROOT = "root:correct horse";

/** A request with a JSON document, which must succeed. */
export async function api<T = Record<string, unknown>>(
  registry: TestRegistry,
  method: string,
  path: string,
  document: unknown,
  options: Ask = { as: ROOT },
): Promise<T> {
  const answer = await registry.ask(method, `/api/v1${path}`, {
    ...options,
    headers: { "content-type": "application/json", ...options.headers },
    body: document === undefined ? undefined : JSON.stringify(document),
  });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return (answer.text === "" ? undefined : answer.json<T>()) as T;
}

/** The first account: from now on the registry is not open any more. */
export async function setUp(registry: TestRegistry): Promise<void> {
  const [name, password] = ROOT.split(":");
  await api(registry, "POST", "/setup", { name, password }, {});
}

/** A user "NAME:password of NAME"; gives that. */
export async function addUser(registry: TestRegistry, name: string, document: object = {}): Promise<string> {
  const password = `password of ${name}`;
  await api(registry, "POST", "/users", { name, password, ...document });
  return `${name}:${password}`;
}
