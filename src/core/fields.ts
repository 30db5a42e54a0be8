/**
 * Reading single fields out of a payload nobody has vouched for. Lenient on purpose: a station that writes "12.5"
 * for 12.5 or leaves the zone off a timestamp is understood; what makes no sense reads as undefined, never as 0.
 */

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The nested object under `key`; undefined when it is none. */
export function fieldsAt(value: unknown, key: string): Fields | undefined {
  if (!isFields(value)) return undefined
  const inner = value[key]
  return isFields(inner) ? inner : undefined
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  if (!isFields(value)) return []
  const inner = value[key]
  if (Array.isArray(inner)) return inner
  // facts §6 row 8: some stations send the only element without its list
  return isFields(inner) ? [inner] : []
}

export function textAt(value: unknown, key: string): string | undefined {
  if (!isFields(value)) return undefined
  const inner = value[key]
  return typeof inner === 'string' ? inner : undefined
}

/** A finite number, also when written as text. */
export function numberAt(value: unknown, key: string): number | undefined {
  if (!isFields(value)) return undefined
  return toNumber(value[key])
}

export function integerAt(value: unknown, key: string): number | undefined {
  const found = numberAt(value, key)
  return found !== undefined && Number.isSafeInteger(found) ? found : undefined
}

export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const parsed = Number(value)
  return Number.isFinite(parsed) ? parsed : undefined
}

/** CiString of OCPP 1.6 §7: only the 26 letters of ASCII have a case; "ß" is not "SS", and the Kelvin sign is no "k". */
export function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, letters => letters.toUpperCase())
}

/** The same, in lower case. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
}

/** Years 0 to 9999: what OCPP can write, and far from where sums of times leave what a date can hold. */
const FIRST_WALL_MS = -62_167_219_200_000
const LAST_WALL_MS = 253_402_300_799_999

export function isWallMs(wallMs: number): boolean {
  return wallMs >= FIRST_WALL_MS && wallMs <= LAST_WALL_MS
}

/** Unix milliseconds of an ISO 8601 text, years 0 to 9999; without a zone it is UTC, "+02" is "+02:00" (facts §6 row 6). */
export function timeAt(value: unknown, key: string): number | undefined {
  const text = textAt(value, key)
  return text === undefined ? undefined : toWallMs(text)
}

export function toWallMs(text: string): number | undefined {
  // As nearly all of them write it.
  if (text.endsWith('Z') && text.includes('T')) return wallMsOf(text)
  const zone = /(Z|[+-]\d\d(:?\d\d)?)$/i.exec(text)?.[1]
  let complete = text
  if (zone === undefined || !text.includes('T')) complete = text.includes('T') ? `${text}Z` : text
  else if (/^[+-]\d\d$/.test(zone)) complete = `${text}:00`
  return wallMsOf(complete)
}

function wallMsOf(text: string): number | undefined {
  const wallMs = Date.parse(text)
  return isWallMs(wallMs) ? wallMs : undefined
}
