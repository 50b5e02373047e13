/** A template that cannot be read or carried out, in the words of Go's text/template, which scripts and people know. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TemplateError";
  }
}
