/** An element of a set with its counter. */
export interface ListedElement {
  /** As elements.ts writes keys, without quotes: "tcp . 8080". */
  readonly key: string;
  /** What a map gives for it. */
  readonly to?: string;
  readonly packets: number;
  readonly bytes: number;
}

/** What `nft -j list table` tells, as far as the engine asks. */
export interface Listing {
  /** Number of rules in each chain. */
  readonly chains: ReadonlyMap<string, number>;
  readonly elements: ReadonlyMap<string, readonly ListedElement[]>;
  /** It has the rule that closes the rest of the host's forwarding. */
  readonly closed: boolean;
}

interface Counted {
  readonly elem?: { readonly val: unknown; readonly counter?: { packets: number; bytes: number } };
}

interface Item {
  readonly rule?: { readonly chain: string; readonly expr: unknown };
  readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
  readonly map?: { readonly name: string; readonly elem?: readonly (readonly unknown[])[] };
}

function keyText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const { concat, prefix } = value as {
    concat?: readonly unknown[];
    prefix?: { readonly addr: string; readonly len: number };
  };
  if (concat) return concat.map(keyText).join(" . ");
  return prefix ? `${prefix.addr}/${prefix.len}` : JSON.stringify(value);
}

function elementOf(item: unknown): ListedElement {
  const { elem } = (typeof item === "object" && item !== null ? item : {}) as Counted;
  const { packets = 0, bytes = 0 } = elem?.counter ?? {};
  return { key: keyText(elem ? elem.val : item), packets, bytes };
}

export function parseListing(json: string): Listing {
  const { nftables } = JSON.parse(json) as { readonly nftables: readonly Item[] };
  const chains = new Map<string, number>();
  const elements = new Map<string, readonly ListedElement[]>();
  let closed = false;
  for (const { rule, set, map } of nftables) {
    if (rule) {
      chains.set(rule.chain, (chains.get(rule.chain) ?? 0) + 1);
      closed ||= JSON.stringify(rule.expr).includes("iifkind");
    }
    if (set) elements.set(set.name, (set.elem ?? []).map(elementOf));
    if (map)
      elements.set(
        map.name,
        (map.elem ?? []).map(([key, to]) => ({ ...elementOf(key), to: keyText(to) })),
      );
  }
  return { chains, elements, closed };
}
