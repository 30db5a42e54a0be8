/** What the schema of the configuration says to people: label, help and unit of each key, and its values in words; and what lacks one. */
import { z } from 'zod'
import { siteConfigSchema } from '../src/core/config/site.js'
import { isFields } from '../src/core/fields.js'

/** Values that say themselves what they are, in every language. */
const PLAIN = ['type', 'phaseMap', 'phases', 'dataBits', 'stopBits']

export interface SchemaTexts {
  readonly texts: ReadonlySet<string>
  /** "meters[].pollMs: no help". */
  readonly lacks: readonly string[]
}

export function schemaTexts(): SchemaTexts {
  const texts = new Set<string>()
  const lacks: string[] = []
  const take = (text: unknown, lack: string) => {
    if (typeof text === 'string') texts.add(text)
    else if (lack !== '') lacks.push(lack)
  }
  const walk = (node: unknown, path: string): void => {
    if (!isFields(node)) return
    take(node.title, '')
    take(node.description, '')
    // A, ms, kWh: the same in every language
    if (typeof node.unit === 'string' && node.unit.length > 3) take(node.unit, '')
    const words = isFields(node.valueWords) ? node.valueWords : {}
    for (const text of Object.values(words)) take(text, '')
    for (const [name, inner] of Object.entries(isFields(node.properties) ? node.properties : {})) {
      const place = path === '' ? name : `${path}.${name}`
      if (isFields(inner) && inner.const === undefined) {
        take(inner.title, `${place}: no label`)
        if (!isGroup(inner)) take(inner.description, `${place}: no help`)
        for (const value of valuesOf(inner))
          if (!PLAIN.includes(name)) take(wordOf(inner, value), `${place}: no word for ${value}`)
      }
      if (isFields(inner) && inner.const !== undefined && name === 'kind')
        take(inner.title, `${place}: no label for ${inner.const}`)
      walk(inner, place)
    }
    walk(node.items, `${path}[]`)
    for (const list of [node.oneOf, node.anyOf, node.prefixItems])
      for (const inner of Array.isArray(list) ? list : []) walk(inner, path)
  }
  walk(z.toJSONSchema(siteConfigSchema, { io: 'input' }), '')
  return { texts, lacks }
}

/** A form draws it as a frame around its keys, by its label alone. */
function isGroup(node: Readonly<Record<string, unknown>>): boolean {
  if (node.properties !== undefined || node.oneOf !== undefined) return true
  return isFields(node.items) && node.items.properties !== undefined
}

function valuesOf(node: Readonly<Record<string, unknown>>): readonly (string | number)[] {
  const list = isFields(node.items) ? node.items : node
  const found: readonly unknown[] = Array.isArray(list.enum)
    ? list.enum
    : Array.isArray(list.anyOf)
      ? list.anyOf.map(one => (isFields(one) ? one.const : undefined))
      : []
  return found.filter(value => typeof value === 'string' || typeof value === 'number')
}

const wordOf = (node: Readonly<Record<string, unknown>>, value: string | number): unknown =>
  isFields(node.valueWords) ? node.valueWords[String(value)] : undefined
