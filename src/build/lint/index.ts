export { type Linted, type LintInput, type LintWarning, lint } from "./lint.ts";
