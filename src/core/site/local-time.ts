/** Times of day at the site: when a clock on its wall shows them next. Pure; the zone's rules are those of Intl. */

const MINUTE_MS = 60_000
const DAY_MINUTES = 24 * 60

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * The next time after `nowWallMs` at which it is `timeOfDay` ("06:30") in `timeZone`, ms since 1970. On the day a clock is
 * put forward over it, the moment the clock jumps; on the day it is put back, the first of both.
 */
export function nextLocalTime(timeOfDay: string, timeZone: string, nowWallMs: number): number {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number)
  const wanted = hours * 60 + minutes
  const startMs = Math.floor(nowWallMs / MINUTE_MS) * MINUTE_MS
  const ahead = (wanted - minuteOfDay(startMs, timeZone) + DAY_MINUTES) % DAY_MINUTES
  const guessMs = startMs + (ahead === 0 ? DAY_MINUTES : ahead) * MINUTE_MS
  // Where the zone's offset changes in between, the guess is off by that change.
  const off = minuteOfDay(guessMs, timeZone) - wanted
  const shift = ((off + DAY_MINUTES / 2 + DAY_MINUTES) % DAY_MINUTES) - DAY_MINUTES / 2
  const mendedMs = guessMs - shift * MINUTE_MS
  // A time that this day does not have: the guess lies on the far side of the jump.
  return minuteOfDay(mendedMs, timeZone) === wanted ? mendedMs : guessMs
}

/** Day of the week (0 = Sunday) and minutes since midnight on a clock at the site. */
export function localMoment(
  wallMs: number,
  timeZone: string,
): { readonly weekday: number; readonly minute: number } {
  const minute = minuteOfDay(wallMs, timeZone)
  const parts = formatOf(timeZone).formatToParts(wallMs)
  const of = (type: 'year' | 'month' | 'day'): number =>
    Number(parts.find(part => part.type === type)?.value ?? 1)
  const days = Math.floor(Date.UTC(of('year'), of('month') - 1, of('day')) / (DAY_MINUTES * MINUTE_MS))
  return { weekday: (((days + EPOCH_WEEKDAY) % 7) + 7) % 7, minute }
}

interface KnownDay {
  readonly minute: number
  readonly timeZone: string
  readonly date: string
}
/** Asked each second; days begin with a minute everywhere. */
let known: KnownDay | undefined

/** The day on a calendar at the site, "2026-03-29". */
export function localDate(wallMs: number, timeZone: string): string {
  const minute = Math.floor(wallMs / MINUTE_MS)
  if (known?.minute !== minute || known.timeZone !== timeZone)
    known = { minute, timeZone, date: dateOf(wallMs, timeZone) }
  return known.date
}

function dateOf(wallMs: number, timeZone: string): string {
  const parts = formatOf(timeZone).formatToParts(wallMs)
  const of = (type: 'year' | 'month' | 'day'): string => parts.find(part => part.type === type)?.value ?? '01'
  return `${of('year').padStart(4, '0')}-${of('month')}-${of('day')}`
}

/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4

/** Minutes since local midnight. */
function minuteOfDay(wallMs: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(wallMs)
  const of = (type: 'hour' | 'minute'): number => Number(parts.find(part => part.type === type)?.value ?? 0)
  return of('hour') * 60 + of('minute')
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(timeZone, format)
  }
  return format
}
