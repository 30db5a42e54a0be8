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

/** What a clock on the site's wall shows: day of the week, 0 = Monday, and minutes since midnight. */
export function localMinute(timeZone: string, wallMs: number): { weekday: number; minute: number } {
  const weekday = SHORT_DAYS.indexOf(
    partsAt(wallMs, timeZone).find(part => part.type === 'weekday')?.value ?? '',
  )
  return { weekday, minute: minuteOfDay(wallMs, timeZone) }
}

const SHORT_DAYS: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** Minutes since local midnight. */
function minuteOfDay(wallMs: number, timeZone: string): number {
  const parts = partsAt(wallMs, timeZone)
  const of = (type: 'hour' | 'minute'): number => Number(parts.find(part => part.type === type)?.value ?? 0)
  return of('hour') * 60 + of('minute')
}

function partsAt(wallMs: number, timeZone: string): Intl.DateTimeFormatPart[] {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(timeZone, format)
  }
  return format.formatToParts(wallMs)
}
