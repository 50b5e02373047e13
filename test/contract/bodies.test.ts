import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AnyRoute, OWN_PREFIX, routes } from "../../src/api/routes/index.ts";
import { loadSpec, operationsOf, type Spec, WHY_NO_SPEC } from "./spec.ts";

/** Parts of bodies that belong to swarm mode and are not carried. */
const NOT_CARRIED: Readonly<Record<string, readonly string[]>> = {};

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

function resolve(spec: Spec, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  return spec.definitions[schema.$ref.replace("#/definitions/", "")] as Schema;
}

function fields(spec: Spec, schema: Schema): Readonly<Record<string, unknown>> {
  const own = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, example(spec, field)]);
  const composed = (schema.allOf ?? []).map((part) => fields(spec, resolve(spec, part)));
  return Object.assign({}, ...composed, Object.fromEntries(own));
}

/** A document in which every described field has a value. */
function example(spec: Spec, given: Schema): unknown {
  const schema = resolve(spec, given);
  if (schema.allOf || schema.properties) return fields(spec, schema);
  if (typeof schema.additionalProperties === "object")
    return { key: example(spec, schema.additionalProperties) };
  if (schema.items) return [example(spec, schema.items)];
  const plain: Readonly<Record<string, unknown>> = { string: "text", integer: 1, number: 1, boolean: true };
  return plain[schema.type ?? ""] ?? {};
}

/** The fields of an endpoint that only answers have; a request's are ignored. */
const ANSWER_ONLY = new Set([
  ..."NetworkID EndpointID Gateway IPAddress IPPrefixLen IPv6Gateway".split(" "),
  ..."GlobalIPv6Address GlobalIPv6PrefixLen DNSNames".split(" "),
]);

function lost(sent: unknown, kept: unknown, path = ""): readonly string[] {
  if (typeof sent !== "object" || sent === null) return Object.is(sent, kept) ? [] : [path];
  const keptFields = (kept ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(sent).flatMap(([name, value]) =>
    ANSWER_ONLY.has(name) ? [] : lost(value, keptFields[name], `${path}/${name}`),
  );
}

const spec = loadSpec();

function checkBody(id: string, route: AnyRoute, described: Schema | undefined): void {
  assert.equal(route.body.kind !== "none", described !== undefined, "takes a body");
  if (!spec || !described || route.body.kind !== "json") return;
  const sent = example(spec, described) as Record<string, unknown>;
  for (const name of NOT_CARRIED[id] ?? []) delete sent[name];
  assert.deepEqual(lost(sent, route.body.codec.decode(sent)), []);
}

describe("request bodies and API description", { skip: spec ? false : WHY_NO_SPEC }, () => {
  const described = new Map(
    (spec ? operationsOf(spec) : []).map(({ operation }) => [operation.operationId, operation]),
  );
  for (const [id, route] of Object.entries<AnyRoute>(routes)) {
    if (route.path.startsWith(OWN_PREFIX)) continue;
    const body = described.get(id)?.parameters?.find((parameter) => parameter.in === "body");
    it(`${id} loses no described field`, () =>
      checkBody(id, route, (body as { schema?: Schema } | undefined)?.schema));
  }
});
