export {
  type Dockerfile,
  parseDockerfile,
  parseInstructions,
  parseTrigger,
  type Stage,
} from "./dockerfile.ts";
export { heredocMark, heredocText } from "./heredoc.ts";
export type * from "./instructions.ts";
export { type Lookup, lex } from "./lexer.ts";
export { type Directives, type LogicalLine, readSource } from "./source.ts";
export { didYouMean } from "./suggest.ts";
