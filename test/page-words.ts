/**
 * What the page says, read from its sources: the tables of `web/src/words`, and texts that stand outside them. A table must
 * have every text in three languages with the same placeholders; a component must have none of its own.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface PageText {
  readonly where: string
  /** By language; a language whose text is missing or no plain text is not in it. */
  readonly texts: ReadonlyMap<string, string>
}

const FOLDER = 'web/src'
const WORDS = `${FOLDER}/words`
/** Names, signs and units: the same in every language. */
const SAME =
  /(^stations\/|^wss:\/\/[a-z./]+|^field-|\b(MWh|KiB|MiB)\b|SHA-256|node dist\/main\.js password --data FOLDER)|\b(Busbar|CSMS|CSV|MQTT|OCPP|JSON|API|TCP|TLS|L1|L2|L3|kWh|kW|Wh|id|ws|wss)\b/g
/** Attributes that people read or hear. */
const READ = new Set([
  'aria-label',
  'title',
  'placeholder',
  'alt',
  'label',
  'data-label',
  'data-head',
  'text',
  'note',
])

export function tableTexts(): readonly PageText[] {
  return sources()
    .filter(({ path }) => path.startsWith(WORDS))
    .flatMap(({ path, source }) => found(source, node => entries(path, node)))
}

function entries(path: string, node: ts.Node): readonly PageText[] {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 'room')
    return []
  const [table] = node.arguments
  if (table === undefined || !ts.isObjectLiteralExpression(table)) return []
  return table.properties.map(property => {
    const texts = new Map<string, string>()
    const value = ts.isPropertyAssignment(property) ? property.initializer : undefined
    if (value !== undefined && ts.isObjectLiteralExpression(value))
      for (const one of value.properties)
        if (ts.isPropertyAssignment(one) && ts.isStringLiteralLike(one.initializer))
          texts.set(one.name.getText(), one.initializer.text)
    return { where: `${path} ${property.name?.getText()}`, texts }
  })
}

/** `{name}` and `{name:one|many}` in it, each once, in order. */
export function placeholders(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{(\w+)(?::[^{}]*)?\}/g)].map(match => match[1] ?? ''))].sort()
}

/** "web/src/app.tsx:12 Connecting…": texts for people outside the tables. */
export function looseTexts(): readonly string[] {
  return sources()
    .filter(({ path }) => !path.startsWith(WORDS))
    .flatMap(({ path, source }) =>
      found(source, node => {
        const text = looseText(node)
        if (text === undefined || !/[A-Za-z]{2}/.test(text.replace(SAME, ''))) return []
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
        return [`${path}:${line + 1} ${text.trim()}`]
      }),
    )
}

function looseText(node: ts.Node): string | undefined {
  if (ts.isJsxText(node)) return node.text
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateHead(node) && !ts.isTemplateMiddleOrTemplateTail(node))
    return undefined
  return isSaid(node) ? node.text : undefined
}

/** Whether somebody reads it: a child of an element, an attribute that is read, what a function gives as text. */
function isSaid(node: ts.Node): boolean {
  for (let at = node; at.parent !== undefined; at = at.parent) {
    const { parent } = at
    if (ts.isJsxAttribute(parent)) return READ.has(parent.name.getText())
    if (ts.isJsxExpression(parent))
      return !ts.isJsxAttribute(parent.parent) || READ.has(parent.parent.name.getText())
    if (ts.isCallExpression(parent) && at !== parent.expression)
      return /^(setSaid|setFailed|confirm)$/.test(parent.expression.getText())
    if (ts.isConditionalExpression(parent) && at === parent.condition) return false
    if (ts.isBinaryExpression(parent) && /^[=!]==?$/.test(parent.operatorToken.getText())) return false
    if (ts.isElementAccessExpression(parent) || ts.isLiteralTypeNode(parent) || ts.isCaseClause(parent))
      return false
    if (ts.isReturnStatement(parent) || (ts.isArrowFunction(parent) && at === parent.body))
      return givesText(parent)
    if (ts.isPropertyAssignment(parent) && at === parent.initializer)
      return ts.isStringLiteralLike(node) && / /.test(node.text) && /[a-z]{2} [a-z]/i.test(node.text)
    if (ts.isStatement(parent)) return false
  }
  return false
}

function givesText(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent)
    if (ts.isFunctionDeclaration(at) || ts.isArrowFunction(at)) return at.type?.getText() === 'string'
  return false
}

interface Source {
  readonly path: string
  readonly source: ts.SourceFile
}

let parsed: readonly Source[] | undefined

/** Each file is read once. */
function sources(): readonly Source[] {
  parsed ??= readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .map(name => {
      const path = join(FOLDER, name)
      return {
        path,
        source: ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true),
      }
    })
  return parsed
}

function found<T>(source: ts.SourceFile, look: (node: ts.Node) => readonly T[]): readonly T[] {
  const list: T[] = []
  const walk = (node: ts.Node): void => {
    list.push(...look(node))
    ts.forEachChild(node, walk)
  }
  walk(source)
  return list
}

/** A table of what the core says (`spoken`), by its keys: codes whose `english` is given, or the English itself. */
export function spokenTexts(
  name: string,
  english?: Readonly<Record<string, string>>,
): ReadonlyMap<string, PageText> {
  const path = `${WORDS}/${name}.ts`
  const list = found(parsedFile(path), node => {
    if (!ts.isPropertyAssignment(node) || (!ts.isStringLiteralLike(node.name) && !ts.isIdentifier(node.name)))
      return []
    const { initializer } = node
    if (!ts.isObjectLiteralExpression(initializer)) return []
    const key = node.name.text
    const said = english === undefined ? key : (english[key] ?? '')
    return [[key, { where: `${path} ${key}`, texts: textsOf(initializer, said) }] as const]
  })
  return new Map(list)
}

/** "src/web/x.ts: a DNS name": rules of schemas whose message is a text, not the code of one (`expecting`). */
export function plainMessages(): readonly string[] {
  return ['src/core/config', 'src/web'].flatMap(folder =>
    readdirSync(folder)
      .filter(name => name.endsWith('.ts'))
      .flatMap(name =>
        found(parsedFile(join(folder, name)), node => {
          const given = messageOf(node)
          return given !== undefined && isText(given) ? [`${name}: ${given.getText()}`] : []
        }),
      ),
  )
}

function messageOf(node: ts.Node): ts.Node | undefined {
  if (isNamed(node, ['message'])) return node.initializer
  if (!ts.isCallExpression(node)) return undefined
  return /\.(regex|refine|min|max)$/.test(node.expression.getText()) ? node.arguments[1] : undefined
}

const isText = (node: ts.Node): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)

function isNamed(node: ts.Node, names: readonly string[]): node is ts.PropertyAssignment {
  return ts.isPropertyAssignment(node) && names.includes(node.name.getText())
}

function parsedFile(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
}

function textsOf(object: ts.ObjectLiteralExpression, english: string): ReadonlyMap<string, string> {
  const texts = new Map([['en', english]])
  for (const one of object.properties)
    if (ts.isPropertyAssignment(one) && ts.isStringLiteralLike(one.initializer))
      texts.set(one.name.getText(), one.initializer.text)
  return texts
}
