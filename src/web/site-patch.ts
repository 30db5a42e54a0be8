/**
 * The site cut into its members and their fields as JSON text, so that a change can be told by comparing texts and every
 * live stream shares one serialisation. What nobody can see is no change: the time of a reading alone (`core/view/unchanged`),
 * and energy, power, voltage and the parts of a reason below the last digit that is shown. Measured amps always are. Pure.
 */
import type { SiteView } from '../core/view/document.js'
import { withoutReadingTimes } from '../core/view/unchanged.js'

type Kind = 'circuits' | 'meters' | 'stations'
const KINDS: readonly Kind[] = ['circuits', 'meters', 'stations']

interface Member {
  readonly id: string | number
}

/** A member and its JSON text: most have not changed, which one look tells. */
interface Written {
  readonly member: Member
  readonly text: string
}

/** One moment of the site, ready to be sent. */
export interface Snapshot {
  /** The whole view as JSON. */
  wholeText(): string
  readonly at: string
  /** Everything but `at` and the three lists. */
  readonly head: object
  /** By id, in view order. */
  readonly members: Readonly<Record<Kind, ReadonlyMap<Member['id'], Written>>>
}

export function snapshot(view: SiteView): Snapshot {
  const { at, circuits, meters, stations, ...head } = view
  return {
    wholeText: () => JSON.stringify(view),
    at,
    head,
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
  return parts.length === 0 ? '' : `{${[`"at":${JSON.stringify(after.at)}`, ...parts].join(',')}}`
}

/** That it is later, and nothing else. */
export function timeText({ at }: Snapshot): string {
  return JSON.stringify({ at })
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

function byId(list: readonly Member[]): ReadonlyMap<Member['id'], Written> {
  return new Map(list.map(member => [member.id, { member, text: JSON.stringify(member) }]))
}

type Members = Snapshot['members'][Kind]

function changedMembers(before: Members, after: Members): readonly string[] {
  return [...after].flatMap(([id, now]) => {
    const old = before.get(id)
    if (old === undefined || old.text === now.text) return []
    const different = changedFields(old.member, now.member)
    return different.length === 0 ? [] : [`{${[`"id":${JSON.stringify(id)}`, ...different].join(',')}}`]
  })
}

/** A time that has moved goes along with whatever else has changed. */
function changedFields(before: object, after: object): readonly string[] {
  const old = new Map(givenFields(before))
  const now = new Map(givenFields(after))
  const changed: string[] = [...old.keys()]
    .filter(name => !now.has(name))
    .map(name => `${JSON.stringify(name)}:null`)
  const times: string[] = []
  for (const [name, value] of now) {
    const was = old.get(name)
    if (was === value) continue
    const text = fieldText(name, value)
    const wasText = was === undefined ? '' : fieldText(name, was)
    if (text === wasText) continue
    const key = keyOf(name, text)
    if (key === '') times.push(text)
    else if (key !== keyOf(name, wasText)) changed.push(withinText(name, was, value) ?? text)
  }
  return changed.length === 0 ? [] : [...changed, ...times]
}

const givenFields = (member: object): [string, unknown][] =>
  Object.entries(member).filter(([, value]) => value !== undefined)

const fieldText = (name: string, value: unknown): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`

/** Undefined where it is no list, or not of the same members. */
function withinText(name: string, before: unknown, after: unknown): string | undefined {
  if (name !== 'connectors' || !isList(before) || !isList(after)) return undefined
  const [old, now] = [byId(before), byId(after)]
  return sameKeys(old, now)
    ? `"within":{${JSON.stringify(name)}:[${changedMembers(old, now).join(',')}]}`
    : undefined
}

function isList(value: unknown): value is readonly Member[] {
  return Array.isArray(value)
}

function sameKeys(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false
  const other = b.keys()
  for (const key of a.keys()) if (other.next().value !== key) return false
  return true
}
