/**
 * The site cut into its members and their fields as JSON text, so that a change can be told by comparing texts and every
 * live stream shares one serialisation. What nobody can see is no change: the time of a reading alone (`core/view/unchanged`),
 * and energy, power, voltage and the parts of a reason below the last digit that is shown. Measured amps always are. Pure.
 */
import type { SiteView } from '../core/view/document.js'
import { withoutReadingTimes } from '../core/view/unchanged.js'

type Kind = 'circuits' | 'meters' | 'stations'
const KINDS: readonly Kind[] = ['circuits', 'meters', 'stations']

/** JSON text of a field; `key` is what is compared. */
interface Field {
  readonly text: string
  readonly key: string
  /** A list whose members have ids: then each is compared by itself. */
  readonly members?: Members
}
type Fields = ReadonlyMap<string, Field>
type Members = ReadonlyMap<string, Fields>

/** One moment of the site, ready to be sent. */
export interface Snapshot {
  /** The whole view as JSON. */
  wholeText(): string
  readonly atText: string
  /** Everything but `at` and the three lists. */
  readonly head: Fields
  /** By id, in view order. */
  readonly members: Readonly<Record<Kind, Members>>
}

export function snapshot(view: SiteView): Snapshot {
  const { at, circuits, meters, stations, ...head } = view
  let whole: string | undefined
  return {
    wholeText: () => {
      whole ??= JSON.stringify(view)
      return whole
    },
    atText: JSON.stringify(at),
    head: fieldsOf(head),
    members: { circuits: byId(circuits), meters: byId(meters), stations: byId(stations) },
  }
}

/** `undefined`: a patch cannot say it, because members came, went or moved. `''`: nothing that anybody could see. */
export type PatchText = string | undefined

/**
 * `{"at":...,"head":{...},"circuits":[{"id":...,...}],"meters":[...],"stations":[...]}`: of the head and of each member
 * only the fields that changed, null for one that is gone; of a station's connectors, where they are the same ones, only
 * what changed in each, as `"within":{"connectors":[{"id":...,...}]}`. What has not changed at all is left out.
 */
export function patchText(before: Snapshot, after: Snapshot): PatchText {
  const parts: string[] = []
  const head = changedFields(before.head, after.head)
  if (head.length > 0) parts.push(`"head":{${head.join(',')}}`)
  for (const kind of KINDS) {
    const old = before.members[kind]
    const now = after.members[kind]
    if (!sameKeys(old, now)) return undefined
    const changed = changedMembers(old, now)
    if (changed.length > 0) parts.push(`"${kind}":[${changed.join(',')}]`)
  }
  return parts.length === 0 ? '' : `{${[`"at":${after.atText}`, ...parts].join(',')}}`
}

/** That it is later, and nothing else. */
export function timeText({ atText }: Snapshot): string {
  return `{"at":${atText}}`
}

/** Energy in 0.1 kWh, power in 0.1 kW, as the page writes them. */
const HUNDREDS = /("(?:energyWh|importWh|powerW|totalPowerW)":)(-?\d+(?:\.\d+)?)/g
/** Whole volts, of all phases; whole amps of what a circuit's limit is made up of, not of a connector's reasons, which have names. */
const WHOLE: ReadonlyMap<string, RegExp> = new Map([
  ['voltageV', /()(-?\d+(?:\.\d+)?)/g],
  ['why', /("code":"[^"]*","valueA":)(-?\d+\.\d+)/g],
])

function keyOf(name: string, text: string): string {
  const coarse = withoutReadingTimes(text).replace(
    HUNDREDS,
    (_, start: string, digits: string) => `${start}${Math.round(Number(digits) / 100)}`,
  )
  const whole = WHOLE.get(name)
  return whole === undefined
    ? coarse
    : coarse.replace(whole, (_, start: string, digits: string) => `${start}${Math.round(Number(digits))}`)
}

function fieldsOf(member: object): Fields {
  const fields = new Map<string, Field>()
  for (const [name, value] of Object.entries(member)) {
    if (value === undefined) continue
    const text = `${JSON.stringify(name)}:${JSON.stringify(value)}`
    const field = { text, key: keyOf(name, text) }
    fields.set(name, name === 'connectors' && isList(value) ? { ...field, members: byId(value) } : field)
  }
  return fields
}

type Member = { readonly id: string | number }

function isList(value: unknown): value is readonly Member[] {
  return Array.isArray(value)
}

/** By the JSON text of the id. */
function byId(list: readonly Member[]): Members {
  return new Map(list.map(member => [JSON.stringify(member.id), fieldsOf(member)]))
}

function changedMembers(before: Members, after: Members): readonly string[] {
  return [...after].flatMap(([id, fields]) => {
    const different = changedFields(before.get(id) ?? new Map(), fields)
    return different.length === 0 ? [] : [`{${[`"id":${id}`, ...different].join(',')}}`]
  })
}

/** A time that has moved goes along with whatever else has changed. */
function changedFields(before: Fields, after: Fields): readonly string[] {
  const gone = [...before.keys()].filter(name => !after.has(name)).map(name => `${JSON.stringify(name)}:null`)
  const changed = [...after].filter(([name, { key }]) => before.get(name)?.key !== key)
  if (gone.length + changed.length === 0) return []
  const times = [...after].filter(([name, { key, text }]) => key === '' && before.get(name)?.text !== text)
  return [...gone, ...[...changed, ...times].map(([name, field]) => fieldText(name, before.get(name), field))]
}

function fieldText(name: string, before: Field | undefined, { text, members }: Field): string {
  if (before?.members === undefined || members === undefined || !sameKeys(before.members, members))
    return text
  return `"within":{${JSON.stringify(name)}:[${changedMembers(before.members, members).join(',')}]}`
}

function sameKeys(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  if (a.size !== b.size) return false
  const other = b.keys()
  for (const key of a.keys()) if (other.next().value !== key) return false
  return true
}
