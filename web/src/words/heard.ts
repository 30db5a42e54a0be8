/**
 * Finds the words of a text that came in English with its values already in it: the template it fits tells them apart. Where
 * several fit, the one that says most by itself is meant.
 */
import { language } from './language.js'
import { numberText } from './numbers.js'
import { fill, type Spoken } from './room.js'

interface Template {
  readonly english: string
  readonly fits: RegExp
  /** How much of it is no value. */
  readonly plain: number
}

/** A value that is a text itself is looked for too, no deeper than this. */
const MAX_DEPTH = 3

const known = new Map<Spoken, { readonly language: string; readonly list: readonly Template[] }>()

/** Undefined where no template of the table fits. */
export function heard(table: Spoken, english: string, depth = 0): string | undefined {
  const whole = table(english)
  if (whole !== undefined) return whole
  if (depth >= MAX_DEPTH) return undefined
  for (const template of templatesOf(table)) {
    const values = template.fits.exec(english)?.slice(1)
    if (values === undefined) continue
    const said = values.map(value => heard(table, value, depth + 1) ?? numberText(value))
    const names = placesOf(template.english)
    const given = Object.fromEntries(names.map((name, at) => [name, said[at] ?? '']))
    return fill(table(template.english) ?? english, given)
  }
  return undefined
}

const placesOf = (english: string): readonly string[] =>
  [...english.matchAll(/\{(\d+)\}/g)].map(([, name = '']) => name)

function templatesOf(table: Spoken): readonly Template[] {
  const before = known.get(table)
  if (before !== undefined && before.language === language()) return before.list
  const list = table
    .keys()
    .filter(english => english.includes('{'))
    .map(english => ({
      english,
      fits: new RegExp(
        `^${english
          .split(/\{\d+\}/)
          .map(escaped)
          .join('(.*?)')}$`,
        's',
      ),
      plain: english.replace(/\{\d+\}/g, '').length,
    }))
    .sort((a, b) => b.plain - a.plain)
  known.set(table, { language: language(), list })
  return list
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
