/** Numbers and times as the language writes them. Formatters are costly to make and are kept. */
import { language, locale } from './language.js'

const numbers = new Map<string, Intl.NumberFormat>()
const dates = new Map<string, Intl.DateTimeFormat>()

/** "12.5", "12,5": no more decimals than it has, at most `most`. */
export function number(value: number, most = 1): string {
  return numberFormat(0, most).format(value)
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
  return numberFormat(count, count).format(value)
}

function numberFormat(minimumFractionDigits: number, maximumFractionDigits: number): Intl.NumberFormat {
  const key = `${locale()} ${minimumFractionDigits} ${maximumFractionDigits}`
  const known = numbers.get(key)
  if (known !== undefined) return known
  const options = {
    minimumFractionDigits,
    maximumFractionDigits,
    useGrouping: false,
    signDisplay: 'negative',
  } as const
  const made = new Intl.NumberFormat(locale(), options)
  numbers.set(key, made)
  return made
}

const FORMS = {
  /** 14:03:22 */
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  /** 14:03 */
  minute: { hour: '2-digit', minute: '2-digit' },
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

/** In the time of this browser, of 24 hours. */
export function when(at: string | number | Date, form: keyof typeof FORMS): string {
  const key = `${locale()} ${form}`
  let format = dates.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale(), { ...FORMS[form], hourCycle: 'h23' })
    dates.set(key, format)
  }
  return format.format(new Date(at))
}
