/** A command line that cannot be read: shown with the usage line of the command; exit code 125 as docker's. */
export class UsageError extends Error {
  /** What was probably meant, as it is written. */
  readonly meant: string | undefined;

  constructor(message: string, meant?: string) {
    super(message);
    this.name = "UsageError";
    this.meant = meant;
  }
}

/** Wrong number of arguments or an unknown command: shown with the usage line, exit code 1. */
export class ArgumentsError extends Error {
  readonly hint: "Run" | "See";

  constructor(message: string, hint: "Run" | "See") {
    super(message);
    this.name = "ArgumentsError";
    this.hint = hint;
  }
}

/** Ends the command with an exit code of its own. `message` is shown as it is; an empty one is not. */
export class ExitError extends Error {
  readonly code: number;

  constructor(code: number, message = "") {
    super(message);
    this.name = "ExitError";
    this.code = code;
  }
}
