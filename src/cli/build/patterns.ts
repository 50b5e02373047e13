/**
 * Whether something below a folder may be taken in again by one of these patterns (`!docs/*.md`): the folder is then
 * looked into although it is left out itself.
 */
export function literalParents(patterns: readonly string[]): (path: string) => boolean {
  const literals = patterns.map((pattern) => {
    const clean = pattern.replace(/^\/+|\/+$/g, "");
    const wild = clean.search(/[*?[\\]/);
    return { text: wild < 0 ? clean : clean.slice(0, wild), wild: wild >= 0 };
  });
  return (path) =>
    literals.some(({ text, wild }) => text.startsWith(`${path}/`) || (wild && `${path}/`.startsWith(text)));
}
