/**
 * The site cut into parts with their JSON text, so that a change can be told by comparing texts and every live
 * stream shares one serialisation. Pure.
 */
import type { SiteView } from '../core/view/document.js'

type Kind = 'circuits' | 'meters' | 'stations'
const KINDS: readonly Kind[] = ['circuits', 'meters', 'stations']

/** One moment of the site, ready to be sent. */
export interface Snapshot {
  /** The whole view as JSON. */
  readonly wholeText: string
  /** Everything but the three lists, as JSON. */
  readonly headText: string
  /** JSON per id, in view order. */
  readonly parts: Readonly<Record<Kind, ReadonlyMap<string, string>>>
}

export function snapshot(view: SiteView): Snapshot {
  const { circuits, meters, stations, ...head } = view
  const headText = JSON.stringify(head)
  const parts = { circuits: texts(circuits), meters: texts(meters), stations: texts(stations) }
  const lists = KINDS.map(kind => `"${kind}":[${[...parts[kind].values()].join(',')}]`).join(',')
  return { wholeText: `${headText.slice(0, -1)},${lists}}`, headText, parts }
}

/**
 * `{"head":{...},"circuits":[...],"meters":[...],"stations":[...]}` with only the changed members of each list;
 * undefined when members came, went or moved, because a patch cannot say that.
 */
export function patchText(before: Snapshot, after: Snapshot): string | undefined {
  const lists: string[] = []
  for (const kind of KINDS) {
    const old = before.parts[kind]
    const now = after.parts[kind]
    if (!sameKeys(old, now)) return undefined
    const changed = [...now].flatMap(([id, text]) => (old.get(id) === text ? [] : [text]))
    lists.push(`"${kind}":[${changed.join(',')}]`)
  }
  return `{"head":${after.headText},${lists.join(',')}}`
}

function texts(list: readonly { readonly id: string }[]): ReadonlyMap<string, string> {
  return new Map(list.map(member => [member.id, JSON.stringify(member)]))
}

function sameKeys(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  if (a.size !== b.size) return false
  const other = b.keys()
  for (const key of a.keys()) if (other.next().value !== key) return false
  return true
}
