import type { Theme } from "../screen/canvas.ts";

/** Calm colours, of the 256 that terminals share where the sixteen of the user's own would be too loud. */
const COLOURS: Theme = {
  selected: "48;5;24;97",
  "good selected": "48;5;24;92",
  "bad selected": "48;5;24;91",
  "warn selected": "48;5;24;93",
  dim: "90",
  border: "38;5;240",
  active: "38;5;37",
  title: "1",
  name: "1;38;5;37",
  good: "32",
  bad: "31",
  warn: "33",
  off: "90",
  key: "38;5;37",
  tab: "1;7",
  stderr: "38;5;173",
  cpu: "38;5;37",
  memory: "38;5;71",
  bytes: "38;5;67",
};

/** With NO_COLOR: what is not a colour. */
const PLAIN: Theme = {
  selected: "7",
  dim: "2",
  border: "2",
  title: "1",
  name: "1",
  bad: "1",
  key: "1",
  tab: "1;7",
};

export const themeOf = (hasColour: boolean): Theme => (hasColour ? COLOURS : PLAIN);
