/** Names in the order people count in: "a2" before "a10". */
export function compareNatural(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.match(/\d+|\D+/g) ?? []);
  for (let index = 0; index < Math.min(left?.length ?? 0, right?.length ?? 0); index++) {
    const [x = "", y = ""] = [left?.[index], right?.[index]];
    if (x === y) continue;
    if (/^\d/.test(x) && /^\d/.test(y) && Number(x) !== Number(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return (left?.length ?? 0) - (right?.length ?? 0);
}
