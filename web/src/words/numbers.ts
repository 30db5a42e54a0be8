/** Numbers and times as the language writes them. Formatters are costly to make and are kept. */
import { language, locale } from './language.js'

const dates = new Map<string, Intl.DateTimeFormat>()

/** "12.5", "12,5": no more decimals than it has, at most `most`. */
export function number(value: number, most = 1): string {
  return written(value, 0, most)
}

/** "0.7 / 3 / 4 A" of a text that is no more than numbers and their unit: those with a comma in German and Portuguese. */
const NUMBERS =
  /^-?\d+\.\d+( \/ -?\d+(\.\d+)?)*( (A|W|kW|Wh|kWh|V|s|ms|min))?$|^-?\d+(\.\d+)?( \/ -?\d+(\.\d+)?)+ A$/

/** Its numbers as the language writes them; names and addresses with points in them are left alone. */
export function numberText(text: string): string {
  return language() !== 'en' && NUMBERS.test(text) ? text.replaceAll('.', ',') : text
}

/** "12.0", "12,0". */
export function decimals(value: number, count: number): string {
  return written(value, count, count)
}

/** From here on it would be written with an exponent on the way. */
const LARGE = 1e15
/** Below it, too; it is nothing in as few decimals as are shown. */
const SMALL = 1e-6

/**
 * As `Intl.NumberFormat` writes it, which a slow machine is long in making: half away from zero by the decimals that the number is
 * written with, and no sign where nothing is left.
 */
function written(value: number, fewest: number, most: number): string {
  const size = Math.abs(value)
  if (!(size < LARGE)) {
    const digits = { minimumFractionDigits: fewest, maximumFractionDigits: most }
    return value.toLocaleString(locale(), { ...digits, useGrouping: false })
  }
  const rounded = size < SMALL ? 0 : Number(`${Math.round(Number(`${size}e${most}`))}e-${most}`)
  const [whole = '', decimals = ''] = rounded.toFixed(most).split('.')
  const kept = decimals.slice(0, fewest) + decimals.slice(fewest).replace(/0+$/, '')
  const sign = value < 0 && rounded > 0 ? '-' : ''
  return `${sign}${whole}${kept === '' ? '' : (language() === 'en' ? '.' : ',') + kept}`
}

const FORMS = {
  /** 26/11/2026 */
  date: { day: '2-digit', month: '2-digit', year: 'numeric' },
  /** 26 Nov */
  day: { day: 'numeric', month: 'short' },
  /** Thu, 26 Nov */
  weekday: { weekday: 'short', day: 'numeric', month: 'short' },
  /** 26/11/2026, 14:03:22 */
  moment: {
    ...{ day: '2-digit', month: '2-digit', year: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  },
} as const satisfies Readonly<Record<string, Intl.DateTimeFormatOptions>>

/** In the time of this browser, of 24 hours: "14:03:22" is `time`, "14:03" `minute`. */
export function when(at: string | number | Date, form: 'time' | 'minute' | keyof typeof FORMS): string {
  const date = new Date(at)
  if (form === 'time' || form === 'minute') return clock(date, form)
  const key = `${locale()} ${form}`
  let format = dates.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale(), { ...FORMS[form], hourCycle: 'h23' })
    dates.set(key, format)
  }
  return format.format(date)
}

/** Alike in all languages of the page, and wanted at once: a formatter is long in being made. */
function clock(date: Date, form: 'time' | 'minute'): string {
  const parts = [date.getHours(), date.getMinutes(), ...(form === 'time' ? [date.getSeconds()] : [])]
  return parts.map(part => String(part).padStart(2, '0')).join(':')
}
