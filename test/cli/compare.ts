// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with one
export const COLOUR = /\x1b\[[0-9;]*m/g;

/** What differs between two runs of anything: ids that are made, times that pass, and the program's own name. */
export function plain(text: string, folder: string): string {
  return (
    text
      .replaceAll(folder, "DIR")
      .replace(/\b(docker|wharf)(?=[:' ]| [a-z])/g, "PROGRAM")
      .replace(/See 'PROGRAM|SRun 'PROGRAM/g, "Run 'PROGRAM")
      // What docker says of its builder, and the progress it draws of sending.
      .replace(/^DEPRECATED: The legacy builder.*\n.*\n.*\n\n/gm, "")
      .replace(/^Sending build context[^\n]*\n/gm, "")
      // What docker logs of a copy that has failed already.
      .replace(/^time=.*\n/gm, "")
      // A hint that only wharf gives.
      .replace(/^\(.*\)\n/gm, "")
      // Colours that docker writes into pipes, too.
      .replace(COLOUR, "")
      .replace(/^Did you mean .*\n\n?/gm, "")
      .replace(/\b\d{4}-\d\d-\d\d[T ][\d:]+(\.\d+)?/g, "TIME")
      .replace(/(About an?|Less than a|\d+) (second|minute|hour)s?( ago)?/g, "AGE")
      .replace(/\b(sha256:)?[0-9a-f]{64}\b/g, "LONGID")
      .replace(/\b[0-9a-f]{12}\b/g, "ID")
      .replace(/ +$/gm, "")
      // Columns are as wide as what was replaced.
      .replace(/ {2,}/g, "  ")
  );
}
