import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  boolean,
  booleanOrTrue,
  filters,
  integer,
  jsonMap,
  type QueryParam,
  tail,
  text,
  texts,
} from "./query.ts";

const parse = <T>(param: QueryParam<T>, ...raw: readonly string[]): T => param.parse(raw, "p");
const refuses = (param: QueryParam<unknown>, ...raw: readonly string[]) =>
  assert.throws(() => param.parse(raw, "p"), { kind: "invalidParameter" });

describe("query parameters", () => {
  it("reads booleans as Docker does", () => {
    for (const word of ["1", "true", "True", "yes", "on", "anything"])
      assert.equal(parse(boolean, word), true, word);
    for (const word of ["", "0", "no", "false", "False", "none", " None "])
      assert.equal(parse(boolean, word), false, word);
    assert.equal(parse(boolean), false);
    assert.equal(parse(booleanOrTrue), true);
    assert.equal(parse(booleanOrTrue, "0"), false);
  });

  it("reads integers and refuses what is none", () => {
    assert.equal(parse(integer, "-1"), -1);
    assert.equal(parse(integer), undefined);
    refuses(integer, "x");
    refuses(integer, "1.5");
    refuses(integer, "99999999999999999999");
  });

  it("reads what is no number of lines as all of them", () => {
    assert.equal(parse(tail, "0"), 0);
    assert.equal(parse(tail, "12"), 12);
    for (const word of ["all", "", "-3", "x"]) assert.equal(parse(tail, word), undefined);
  });

  it("reads filters in both forms", () => {
    assert.deepEqual([...parse(filters, '{"name":["a","b"]}')], [["name", ["a", "b"]]]);
    assert.deepEqual([...parse(filters, '{"name":{"a":true,"b":false}}')], [["name", ["a"]]]);
    assert.equal(parse(filters).size, 0);
    for (const word of ["x", "[]", '{"name":5}', '{"name":[5]}']) refuses(filters, word);
  });

  it("reads repeated values and objects of strings", () => {
    assert.deepEqual(parse(texts, "a", "b"), ["a", "b"]);
    assert.equal(parse(text, ""), undefined);
    assert.deepEqual(parse(jsonMap, '{"A":null,"B":"c"}'), { A: null, B: "c" });
    refuses(jsonMap, '{"A":1}');
    refuses(jsonMap, "[]");
  });

  it("writes what it reads", () => {
    assert.deepEqual(filters.format(new Map([["a", ["b"]]])), ['{"a":["b"]}']);
    assert.deepEqual(filters.format(new Map()), []);
    assert.deepEqual(boolean.format(true), ["1"]);
    assert.deepEqual(integer.format(undefined), []);
  });
});
