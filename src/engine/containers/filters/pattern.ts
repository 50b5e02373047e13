/** As Go's regexp does, a pattern may match anywhere; one that is none is taken literally. */
export function pattern(text: string): (candidate: string) => boolean {
  try {
    const regex = new RegExp(text);
    return (candidate) => regex.test(candidate);
  } catch {
    return (candidate) => candidate.includes(text);
  }
}
