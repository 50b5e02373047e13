/**
 * Remembers what a pure function made of a text that never stands for anything else, such as an image's id. When it is
 * full it starts over: simpler than ages, and those still asked for are soon back.
 */
export function memo<T>(limit: number): (key: string, make: () => T) => T {
  const known = new Map<string, T>();
  return (key, make) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make();
    if (known.size >= limit) known.clear();
    known.set(key, made);
    return made;
  };
}
