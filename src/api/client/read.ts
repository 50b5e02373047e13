export async function readText(response: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** A whole answer: parsed, or as text; undefined when it is empty. */
export async function readJson(response: AsyncIterable<Uint8Array>, plain: boolean): Promise<unknown> {
  const text = await readText(response);
  if (plain) return text;
  return text.trim() === "" ? undefined : JSON.parse(text);
}

/** Documents of a stream with one on each line, however its bytes are cut. */
export async function* readLines(response: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line);
  }
  if (rest.trim() !== "") yield JSON.parse(rest);
}
