import type { ItemState, Kind, KindName, ListSubmissionItemsData, Stance } from '@/api';

/** How a text is matched: `value` exactly, `prefix` its beginning, `domain` the domain with everything below it. */
export const matches = ['value', 'prefix', 'domain'] as const;
export type Match = (typeof matches)[number];

export const stances = ['malicious', 'suspicious', 'unknown', 'benign'] as const satisfies readonly Stance[];
export const itemStates = ['queued', 'screening', 'looking_up', 'done', 'cancelled'] as const satisfies readonly ItemState[];
/** The built-in kinds, and `custom` for all that are defined on this installation. */
export const kinds = [
  'ipv4', 'ipv6', 'cidr', 'asn', 'domain', 'url', 'email', 'md5', 'sha1', 'sha256', 'sha512', 'ssdeep', 'tlsh', 'cve', 'custom',
] as const satisfies readonly Kind[];

/** Which items are listed. Absent is no restriction. */
export interface ItemFilter {
  verdict?: Stance;
  kind?: KindName;
  state?: ItemState;
  text?: { match: Match; value: string };
}

/** Names of kinds; which there are only the server knows, as an installation may define some. */
const KIND = /^[a-z][a-z0-9_-]{0,63}$/;

type UrlQuery = Readonly<Record<string, unknown>>;
type ApiFilter = Pick<NonNullable<ListSubmissionItemsData['query']>, 'verdict' | 'kind' | 'state' | Match>;

/** The filter an address holds. What it does not know is left out, so that an old or mistyped link still opens. */
export function fromUrl(query: UrlQuery): ItemFilter {
  const filter: ItemFilter = {};
  const verdict = oneOf(stances, query['verdict']);
  const kind = typeof query['kind'] === 'string' && KIND.test(query['kind']) ? query['kind'] : undefined;
  const state = oneOf(itemStates, query['state']);
  if (verdict) filter.verdict = verdict;
  if (kind) filter.kind = kind;
  if (state) filter.state = state;
  for (const match of matches) {
    const value = query[match];
    if (typeof value === 'string' && value.trim() !== '') {
      filter.text = { match, value: value.trim() };
      break;
    }
  }
  return filter;
}

/** What the operation takes: the address uses the same names, so it goes there as it is, too. */
export function toApi({ text, ...rest }: ItemFilter): ApiFilter {
  return text ? { ...rest, [text.match]: text.value } : rest;
}

/** The filter as parameters of an address. */
export function toUrl(filter: ItemFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(toApi(filter)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** True when every item passes. */
export function isOpen(filter: ItemFilter): boolean {
  return Object.keys(toApi(filter)).length === 0;
}

/** True for a kind that comes with the program, and for all custom ones together. */
export function isBuiltIn(kind: KindName): boolean {
  return (kinds as readonly string[]).includes(kind);
}

function oneOf<Value extends string>(values: readonly Value[], given: unknown): Value | undefined {
  return values.find((value) => value === given);
}
