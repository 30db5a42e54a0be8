// The tables of `src/words` stand in three languages side by side. What is built loads the texts of the one that is spoken: each
// table becomes three modules, and the words file waits for the one of the language before anybody sees it.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import type { Plugin } from 'vite'

/** Files whose texts come together: those the site and its login need at once, and what the core says where English does not do. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  first: ['frame', 'site', 'stations', 'terms', 'give-limit', 'refusals', 'csms-link'],
  foreign: ['reason-tables', 'reason-words'],
  said: ['phrases', 'links', 'verdicts'],
  told: ['faults', 'refused', 'answered'],
}
const LANGUAGES = ['en', 'de', 'pt'] as const
const TABLES = new Set(['room', 'spoken'])
const WORDS = /\/src\/words\/([\w-]+)\.ts$/
/** Asks for the first of them before anybody looks for a word. */
const FIRST = /\/src\/words\/first-texts\.ts$/
const TEXTS = /\/src\/words\/([\w-]+)\.texts-(en|de|pt)$/

export function oneLanguage(): Plugin {
  return {
    name: 'one-language',
    enforce: 'pre',
    apply: 'build',
    resolveId(source, importer) {
      return importer !== undefined && /^\.\/[\w-]+\.texts-/.test(source)
        ? join(dirname(importer), source)
        : null
    },
    load(id) {
      if (FIRST.test(id)) return FIRST_TEXTS
      const [, name = '', language] = TEXTS.exec(id) ?? []
      if (language === undefined) return null
      const lines = (TOGETHER[name] ?? [name]).flatMap(file => {
        const path = join(dirname(id), `${file}.ts`)
        return tablesOf(readFileSync(path, 'utf8'), path).map(
          table => `export const ${table.name} = ${textsOf(table.table, language)}`,
        )
      })
      return { code: lines.join('\n'), moduleType: 'js' }
    },
    transform(code, id) {
      const [, file = ''] = WORDS.exec(id) ?? []
      const tables = file === '' ? [] : tablesOf(code, id)
      if (tables.length === 0) return null
      const [together = file] = Object.entries(TOGETHER).find(([, files]) => files.includes(file)) ?? []
      let changed = code
      for (const { name, table } of tables.toReversed()) {
        const doors = LANGUAGES.map(
          language =>
            `${language}: () => import('./${together}.texts-${language}').then(texts => texts.${name})`,
        )
        const put = `await inOneLanguage({ ${doors.join(', ')} })`
        changed = changed.slice(0, table.getStart()) + put + changed.slice(table.getEnd())
      }
      return { code: `import { inOneLanguage } from './one-language.js'\n${changed}`, map: null }
    },
  }
}

/** What the core says has words of its own in another language than English. */
function firstOf(language: (typeof LANGUAGES)[number]): string {
  const parts = [
    `first.texts-${language}`,
    ...(language === 'en' ? [] : [`foreign.texts-${language}`, 'foreign.js']),
  ]
  return `Promise.all([${parts.map(part => `import('./${part}')`).join()}])`
}

const FIRST_TEXTS = {
  code: `import { language } from './language.js'
const doors = {${LANGUAGES.map(language => `${language}: () => ${firstOf(language)}`).join()}}
export const loadFirstTexts = () => doors[language()]().catch(() => undefined)`,
  moduleType: 'js',
} as const

interface Table {
  readonly name: string
  readonly table: ts.ObjectLiteralExpression
}

const parsed = new Map<string, { readonly code: string; readonly tables: readonly Table[] }>()

/** `export const NAME = room({ ... })` of a file, in order. Each file is read once for all its languages. */
function tablesOf(code: string, path: string): readonly Table[] {
  const before = parsed.get(path)
  if (before?.code === code) return before.tables
  const tables = readTables(code, path)
  parsed.set(path, { code, tables })
  return tables
}

function readTables(code: string, path: string): readonly Table[] {
  const source = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true)
  return source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) =>
    declarationList.declarations.flatMap(({ name, initializer }) => {
      if (initializer === undefined || !ts.isCallExpression(initializer)) return []
      const [table] = initializer.arguments
      const isTable = TABLES.has(initializer.expression.getText())
      return isTable && table !== undefined && ts.isObjectLiteralExpression(table)
        ? [{ name: name.getText(), table }]
        : []
    }),
  )
}

function textsOf(table: ts.ObjectLiteralExpression, language: string): string {
  const texts: Record<string, string> = {}
  for (const entry of table.properties) {
    if (!ts.isPropertyAssignment(entry) || !ts.isObjectLiteralExpression(entry.initializer)) continue
    for (const text of entry.initializer.properties)
      if (
        ts.isPropertyAssignment(text) &&
        text.name.getText() === language &&
        ts.isStringLiteralLike(text.initializer)
      )
        texts[nameOf(entry.name)] = text.initializer.text
  }
  return JSON.stringify(texts)
}

const nameOf = (name: ts.PropertyName): string =>
  ts.isStringLiteralLike(name) || ts.isIdentifier(name) ? name.text : name.getText()
