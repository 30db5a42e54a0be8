/**
 * The site cut into its members and their fields as JSON text, so that a change can be told by comparing texts and every
 * live stream shares one serialisation. The time of a reading alone is no change. Pure.
 */
import type { SiteView } from '../core/view/document.js'
import { withoutReadingTimes } from '../core/view/unchanged.js'

type Kind = 'circuits' | 'meters' | 'stations'
const KINDS: readonly Kind[] = ['circuits', 'meters', 'stations']

/** JSON text of each field; `key` is what is compared. */
type Fields = ReadonlyMap<string, { readonly text: string; readonly key: string }>

/** One moment of the site, ready to be sent. */
export interface Snapshot {
  /** The whole view as JSON. */
  readonly wholeText: string
  readonly atText: string
  /** Everything but `at` and the three lists. */
  readonly head: Fields
  /** By id, in view order. */
  readonly members: Readonly<Record<Kind, ReadonlyMap<string, Fields>>>
}

export function snapshot(view: SiteView): Snapshot {
  const { at, circuits, meters, stations, ...head } = view
  return {
    wholeText: JSON.stringify(view),
    atText: JSON.stringify(at),
    head: fieldsOf(head),
    members: { circuits: byId(circuits), meters: byId(meters), stations: byId(stations) },
  }
}

/**
 * `{"at":...,"head":{...},"circuits":[{"id":...,...}],"meters":[...],"stations":[...]}`: of the head and of each member
 * only the fields that changed, null for one that is gone; what has not changed at all is left out. Undefined when members
 * came, went or moved, because a patch cannot say that.
 */
export function patchText(before: Snapshot, after: Snapshot): string | undefined {
  const parts = [`"at":${after.atText}`]
  const head = changedFields(before.head, after.head)
  if (head.length > 0) parts.push(`"head":{${head.join(',')}}`)
  for (const kind of KINDS) {
    const old = before.members[kind]
    const now = after.members[kind]
    if (!sameKeys(old, now)) return undefined
    const changed = [...now].flatMap(([id, fields]) => {
      const different = changedFields(old.get(id) ?? new Map(), fields)
      return different.length === 0 ? [] : [`{${[`"id":${JSON.stringify(id)}`, ...different].join(',')}}`]
    })
    if (changed.length > 0) parts.push(`"${kind}":[${changed.join(',')}]`)
  }
  return `{${parts.join(',')}}`
}

function fieldsOf(member: object): Fields {
  const fields = new Map<string, { text: string; key: string }>()
  for (const [name, value] of Object.entries(member)) {
    if (value === undefined) continue
    const text = `${JSON.stringify(name)}:${JSON.stringify(value)}`
    fields.set(name, { text, key: withoutReadingTimes(text) })
  }
  return fields
}

function byId(list: readonly { readonly id: string }[]): ReadonlyMap<string, Fields> {
  return new Map(list.map(member => [member.id, fieldsOf(member)]))
}

/** A time that has moved goes along with whatever else has changed. */
function changedFields(old: Fields, now: Fields): readonly string[] {
  const gone = [...old.keys()].filter(name => !now.has(name)).map(name => `${JSON.stringify(name)}:null`)
  const changed = [...now].filter(([name, { key }]) => old.get(name)?.key !== key)
  if (gone.length + changed.length === 0) return []
  const times = [...now].filter(([name, { key, text }]) => key === '' && old.get(name)?.text !== text)
  return [...gone, ...[...changed, ...times].map(([, { text }]) => text)]
}

function sameKeys(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  if (a.size !== b.size) return false
  const other = b.keys()
  for (const key of a.keys()) if (other.next().value !== key) return false
  return true
}
