export async function readText(response: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The document of a whole answer; undefined when it is empty. */
export const parseJson = (text: string): unknown => (text.trim() === "" ? undefined : JSON.parse(text));

/** Lines of a stream that are not empty, however its bytes are cut. */
export async function* readTextLines(response: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield line.trimEnd();
  }
  if (rest.trim() !== "") yield rest.trimEnd();
}

/** Documents of a stream with one on each line. */
export async function* readLines(response: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  for await (const line of readTextLines(response)) yield JSON.parse(line);
}
