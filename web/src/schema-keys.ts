/** The keys of a JSON Schema as a list to read: path, label, help, and range, unit and default in few words. */
import { choicesOf, helpOf, labelText, titleOf, valueText } from './forms/document.js'
import { config } from './words/config.js'

export interface SchemaKey {
  readonly path: string
  readonly title: string
  readonly about: string
  /** Like "6-80 A, default 32". */
  readonly facts: string
}

/** In the order of the schema; keys without a label are left out. */
export function keysOf(schema: unknown, path = ''): readonly SchemaKey[] {
  const found: SchemaKey[] = []
  const title = textAt(schema, 'title')
  if (title !== undefined && path !== '')
    found.push({ path, title: titleOf('', schema), about: helpOf(schema), facts: factsOf(schema) })
  const properties = at(schema, 'properties')
  if (typeof properties === 'object' && properties !== null)
    for (const [key, value] of Object.entries(properties))
      found.push(...keysOf(value, path === '' ? key : `${path}.${key}`))
  const items = at(schema, 'items')
  if (items !== undefined) found.push(...keysOf(items, `${path}[]`))
  const kinds = at(schema, 'oneOf')
  if (Array.isArray(kinds)) for (const kind of kinds) found.push(...keysOf(kind, path))
  return found
}

function factsOf(schema: unknown): string {
  const [least, most, unit, start] = ['minimum', 'maximum', 'unit', 'default'].map(key => at(schema, key))
  const values = choicesOf(schema) ?? choicesOf(at(schema, 'items'))
  const facts: string[] = []
  if (typeof most === 'number') {
    const from = typeof least === 'number' ? least : 0
    facts.push(config('range', { from, to: most }) + (typeof unit === 'string' ? ` ${labelText(unit)}` : ''))
  }
  if (values !== undefined) facts.push(values.map(value => pairOf(schema, value)).join(', '))
  if (start !== undefined && typeof start !== 'object')
    facts.push(config('standard', { value: valueText(schema, start) }))
  return facts.join('; ')
}

/** "sun = Sunday": what stands in the document, and what it means. */
function pairOf(schema: unknown, value: string | number): string {
  const text = valueText(schema, value)
  return text === String(value) ? text : `${value} = ${text}`
}

function at(schema: unknown, key: string): unknown {
  return typeof schema === 'object' && schema !== null ? Reflect.get(schema, key) : undefined
}

function textAt(schema: unknown, key: string): string | undefined {
  const value = at(schema, key)
  return typeof value === 'string' ? value : undefined
}
