/**
 * Whether one part of the document says something new to a person or a machine that follows the site from afar, or only
 * what every reading says: a little more, a little less, a little later. Pure, on JSON texts as they are published.
 *
 * The band is around what was last published, so a slow drift adds up and is told. What was decided or set (limits,
 * allocations, ratings), every word, flag and count is news however small the change.
 */
import { withoutReadingTimes } from './unchanged.js'

/** How far a value may move unsaid: the larger of an amount and a share of what was said. */
interface Band {
  readonly least: number
  readonly share: number
}

/** Of readings and of what is reckoned from them, by the unit at the end of the name; others have none. */
const BANDS: readonly { readonly unit: RegExp; readonly band: Band }[] = [
  { unit: /Wh$/, band: { least: 500, share: 0 } },
  { unit: /^(?!limit).*W$/, band: { least: 250, share: 0.03 } },
  { unit: /V$/, band: { least: 3, share: 0.01 } },
  {
    unit: /^(?:current|measured|otherLoad|reserve|booked|headroom|value)A$/,
    band: { least: 0.75, share: 0.03 },
  },
]

/** Of an amount inside a sentence, which is rounded there; a count ("4 cars") has none. */
const IN_WORDS: Band = { least: 1.5, share: 0.03 }
const AMOUNTS = /-?\d+(?:\.\d+)?(?= ?(?:A|V|k?W|%)(?![A-Za-z]))/g

/** That a reading, or the next look at a reason, is a little later. */
const TIMES = new Set(['readAt', 'measuredAt', 'liftAt', 'traffic'])

/** True where `after` is to be published by whoever published `before`. */
export function isNews(before: string, after: string): boolean {
  if (before === after || withoutReadingTimes(before) === withoutReadingTimes(after)) return false
  const [old, now] = [parsed(before), parsed(after)]
  return old === undefined || now === undefined || differs(old, now, '')
}

/** Of one value by the key it stands under; undefined = not known. */
export function isValueNews(
  key: string,
  before: number | boolean | string | undefined,
  after: number | boolean | string | undefined,
): boolean {
  return differs(before, after, key)
}

/** `name`: the key it stands under; a list's members stand under the list's. */
function differs(before: unknown, after: unknown, name: string): boolean {
  if (before === after || TIMES.has(name)) return false
  if (typeof before === 'number' && typeof after === 'number') return isBeyond(before, after, bandOf(name))
  if (typeof before === 'string' && typeof after === 'string')
    return name !== 'text' || differsInWords(before, after)
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) return true
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  if (old.size !== now.size) return true
  const isList = Array.isArray(before)
  return [...now].some(([key, value]) => !old.has(key) || differs(old.get(key), value, isList ? name : key))
}

function bandOf(name: string): Band | undefined {
  return BANDS.find(({ unit }) => unit.test(name))?.band
}

function isBeyond(before: number, after: number, band: Band | undefined): boolean {
  if (band === undefined) return true
  return !(Math.abs(after - before) <= Math.max(band.least, band.share * Math.abs(before)))
}

/** A sentence is the same while only its amounts move, and little. */
function differsInWords(before: string, after: string): boolean {
  if (before.replace(AMOUNTS, '#') !== after.replace(AMOUNTS, '#')) return true
  const [old, now] = [amountsIn(before), amountsIn(after)]
  return now.some((value, at) => isBeyond(old[at] ?? Number.NaN, value, IN_WORDS))
}

function amountsIn(text: string): readonly number[] {
  return Array.from(text.matchAll(AMOUNTS), ([digits]) => Number(digits))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Undefined for what is no JSON, which is news. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
