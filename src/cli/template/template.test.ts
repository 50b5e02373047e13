import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readTemplate, Struct, TemplateError, TypedNil, type Value } from "./index.ts";

const data = {
  A: { B: "x", N: 5, F: 1.5 },
  L: ["a", "b", "c"],
  M: { k: "v", j: "w" },
  E: [],
  Z: null,
  T: true,
};

const render = (text: string, over: Value = data) => readTemplate(text).render(over);

/** Template and what Go's text/template (with docker's functions) makes of it. */
const RESULTS: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["{{.A.B}}-{{.A.N}}-{{.A.F}}", "x-5-1.5"],
  ["{{.}}", "map[A:map[B:x F:1.5 N:5] E:[] L:[a b c] M:map[j:w k:v] T:true Z:<nil>]"],
  ["{{.Nope}}", "<no value>"],
  ["{{.Nope.More}}", "<no value>"],
  ["{{range $i, $e := .L}}{{if $i}},{{end}}{{$i}}={{$e}}{{end}}", "0=a,1=b,2=c"],
  ["{{range $k, $v := .M}}{{$k}}:{{$v}};{{end}}", "j:w;k:v;"],
  ["{{range .E}}x{{else}}none{{end}}", "none"],
  ['{{range .L}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}', "ac"],
  ['{{range .L}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', "a"],
  ["{{range 3}}{{.}}{{end}}", "012"],
  ["{{with .A}}{{.B}}{{end}}{{with .E}}x{{else}}y{{end}}{{with .E}}x{{else with .T}}{{.}}{{end}}", "xytrue"],
  ["{{if eq .A.N 5}}five{{else if gt .A.N 3}}big{{else}}small{{end}}", "five"],
  ["{{if not .Z}}nil{{end}}{{if and .T .E}}x{{else}}no{{end}}{{if or .E .T}}yes{{end}}", "nilnoyes"],
  ["{{$x := 1}}{{if .T}}{{$x = 2}}{{end}}{{$x}}", "2"],
  ['{{define "t"}}<{{.}}>{{end}}{{template "t" .A.B}}{{block "u" .L}}{{len .}}{{end}}', "<x>3"],
  ["a {{- 1 -}} b {{- /* gone */ -}} c", "a1bc"],
  [
    '{{printf "%5d|%-5s|%q|%05d|%x|%.2f|%v|%%" .A.N .A.B .A.B 42 255 1.5 .L}}',
    '    5|x    |"x"|00042|ff|1.50|[a b c]|%',
  ],
  ['{{printf "%d %s" "x"}}', "%!d(string=x) %!s(MISSING)"],
  ['{{print 1 2 "x" 3}}{{println "a" 1}}', "1 2x3a 1\n"],
  [
    '{{index .L 1}}{{index .M "k"}}{{index .A "B"}}{{len .M}}{{slice .L 1 2}}{{slice "hello" 1 3}}',
    "bvx2[b]el",
  ],
  ['{{.A.B | upper | printf "%s-%s" "p"}}', "p-X"],
  ["{{(index .L 0)}}{{(.A).B}}", "ax"],
  [
    "{{eq 1 1 2}}{{eq 3 1 2}}{{ne 1 2}}{{lt 1 2}}{{le 2 2}}{{gt 1 2}}{{ge 2 2}}",
    "truefalsetruetruetruefalsetrue",
  ],
  ['{{lt "a" "b"}}{{eq "a" "b" "a"}}', "truetrue"],
  [
    '{{html "<a href=\'x\'>&"}} {{js "it\'s <b>"}} {{urlquery "a b&c=d"}}',
    "&lt;a href=&#39;x&#39;&gt;&amp; it\\'s \\u003Cb\\u003E a+b%26c%3Dd",
  ],
  ["{{json .A}}{{json .L}}{{json .Z}}{{json .Nope}}", '{"B":"x","N":5,"F":1.5}["a","b","c"]nullnull'],
  [
    '{{join .L "+"}} {{split "a,b" ","}} {{title "ab cd"}} {{lower "AB"}} {{upper "ab"}}',
    "a+b+c [a b] Ab Cd ab AB",
  ],
  ['[{{pad "x" 1 2}}][{{pad "" 1 2}}][{{truncate "abcdef" 3}}]', "[ x  ][][abc]"],
  ["{{\"q\\t\\u00e9\"}}{{`raw\\n`}}{{'a'}}{{0x1F}}{{-3}}", "q\té" + "raw\\n" + "97" + "31" + "-3"],
  ["{{1e3}} {{1000000}} {{1e21}} {{0.00001}}", "1000 1000000 1e+21 1e-05"],
];

const MISTAKES: readonly (readonly [string, string])[] = [
  ["{{.A", "template: :1: unclosed action"],
  ["{{", "template: :1: unclosed action"],
  ["\n{{foo}}", 'template: :2: function "foo" not defined'],
  ["{{end}}", "template: :1: unexpected {{end}}"],
  ["{{if .A}}", "template: :1: unexpected EOF"],
  ["{{if}}x{{end}}", "template: :1: missing value for if"],
  ["{{.A | }}", "template: :1: missing value for command"],
  ["{{$x}}", 'template: :1: undefined variable "$x"'],
  ["{{break}}", "template: :1: {{break}} outside {{range}}"],
  ["{{/* x", "template: :1: unclosed comment"],
  ['{{"x}}', "template: :1: unterminated quoted string"],
  ["{{(.A}}", "template: :1: unclosed left paren"],
  ["{{.A)}}", "template: :1: unexpected right paren"],
  ["{{1 | 2}}", "template: :1: non executable command in pipeline stage 2"],
];

const FAILURES: readonly (readonly [string, string])[] = [
  ["{{.A.B.C}}", 'template: :1:4: executing "" at <.A.B.C>: can\'t evaluate field C in type string'],
  [
    "x\n {{index .L 7}}",
    'template: :2:3: executing "" at <index .L 7>: error calling index: index out of range: 7',
  ],
  ["{{len 3}}", 'template: :1:2: executing "" at <len 3>: error calling len: len of type int'],
  ["{{not 1 2}}", 'template: :1:2: executing "" at <not 1 2>: wrong number of args for not: want 1 got 2'],
  ["{{range .A.B}}{{end}}", 'template: :1:8: executing "" at <.A.B>: range can\'t iterate over x'],
  [
    '{{eq 1 "x"}}',
    'template: :1:2: executing "" at <eq 1 "x">: error calling eq: incompatible types for comparison',
  ],
  ["{{.L.X}}", 'template: :1:4: executing "" at <.L.X>: can\'t evaluate field X in type []interface {}'],
];

describe("templates", () => {
  for (const [text, expected] of RESULTS) it(text, () => assert.equal(render(text), expected));
});

describe("templates that cannot be read or carried out say why, as Go does", () => {
  for (const [text, message] of [...MISTAKES, ...FAILURES])
    it(text.replaceAll("\n", "\\n"), () =>
      assert.throws(() => render(text), { name: "TemplateError", message }),
    );

  it("a missing key, where that is to be an error", () => {
    assert.throws(() => readTemplate("{{.Nope}}").render(data, { strict: true }), {
      message: 'template: :1:2: executing "" at <.Nope>: map has no entry for key "Nope"',
    });
  });

  it("a template that calls itself for ever", () => {
    assert.throws(
      () => render('{{define "t"}}{{template "t"}}{{end}}{{template "t"}}'),
      /maximum template depth/,
    );
  });

  it("nothing else, whatever the text", () => {
    const piece = fc.constantFrom(
      "{{",
      "}}",
      "-",
      " ",
      ".A",
      ".L",
      "|",
      "(",
      ")",
      "if ",
      "else",
      "end",
      "range ",
      '"',
      "$x",
      ":=",
      "1",
      "json",
      "\n",
      "/*",
      "*/",
      ",",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        try {
          render(pieces.join(""));
        } catch (error) {
          assert.ok(error instanceof TemplateError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

class Thing extends Struct {
  readonly typeName = "*test.Thing";
  has = (name: string) => ["Name", "Label", "None"].includes(name);
  get(name: string, args: readonly Value[]): Value {
    if (name === "None") return new TypedNil("list");
    return name === "Label" ? `label ${args.join()}` : "me";
  }
  values = () => ["me"];
  toJSON = () => ({ Name: "me" });
}

describe("structs", () => {
  it("have fields and methods, and no others", () => {
    const thing = new Thing();
    assert.equal(
      render('{{.Name}} {{.Label "x"}} {{"y" | .Label}} {{.}} {{json .}}', thing),
      'me label x label y {me} {"Name":"me"}',
    );
    assert.equal(render("{{.None}}{{len .None}}{{range .None}}x{{end}}{{json .None}}", thing), "[]0null");
    assert.throws(() => render("{{.Nope}}", thing), /can't evaluate field Nope in type \*test\.Thing/);
  });
});
