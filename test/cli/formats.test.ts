import { describe } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { compareOnOneEngine } from "./both.ts";
import { FORMATS } from "./format-lines.ts";

const skip = withoutDocker || withoutRoot;

describe("formats have docker's fields and headings", { skip }, () => {
  if (!skip) compareOnOneEngine(FORMATS);
});
