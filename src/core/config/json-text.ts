/**
 * A JSON document as somebody wrote it: the value, and the place of each of its parts, so that a fault names line and column.
 * What JSON.parse lets pass and nobody means is a fault here: the same key twice (the last would win unseen), and a
 * document that is nested or long beyond any configuration.
 */
import type { SaidParam } from '../words/said.js'
import { type Fault, fault, type Parsed, pathText } from './faults.js'
import { shown } from './shown.js'

/** Where it stands, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface PlacedFault extends Fault, Partial<Place> {}

export interface JsonText {
  readonly document: unknown
  /** Of this path, or of the nearest part around it. */
  placeOf(path: string): Place
}

/** stations[0].connectors[0].id is 5 deep; whatever walks a document may recurse this far. */
const MAX_DEPTH = 32
/** 1,000 stations of two connectors with every key written are 45,000 values, 5,000 vehicles 35,000. */
const MAX_VALUES = 100_000

/** The document, or every duplicate key, or the one reason why it is none. */
export function readJson(
  text: string,
): Parsed<JsonText> | { readonly ok: false; readonly faults: readonly PlacedFault[] } {
  // Some editors begin a file with a byte order mark; RFC 8259 §8.1 lets a reader ignore it.
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text
  let document: unknown
  try {
    document = JSON.parse(plain)
  } catch (error) {
    return { ok: false, faults: [notJson(plain, error)] }
  }
  const seen = scan(plain)
  if (seen.faults.length > 0) return { ok: false, faults: seen.faults }
  return {
    ok: true,
    value: { document, placeOf: path => placeAt(seen.starts, nearest(path, seen.offsets)) },
  }
}

/** Each fault with its place in the text. */
export function placed(faults: readonly Fault[], text: JsonText): readonly PlacedFault[] {
  return faults.map(fault => ({ ...fault, ...text.placeOf(fault.path) }))
}

function notJson(text: string, error: unknown): PlacedFault {
  const message = error instanceof Error ? error.message : String(error)
  const position = /position (\d+)/.exec(message)?.[1]
  // Without a position it is the end that came too early.
  const place = placeAt(lineStarts(text), position === undefined ? text.length : Number(position))
  const found: SaidParam = text.trim() === '' ? shown(undefined) : message.slice(0, 100)
  return { ...fault('(document)', 'json', { found }), ...place }
}

interface Level {
  readonly kind: 'object' | 'list'
  readonly path: readonly PropertyKey[]
  /** Of an object: what it has so far, and where. */
  readonly keys: Map<string, number>
  key: string | undefined
  items: number
}

interface Scan {
  readonly offsets: ReadonlyMap<string, number>
  readonly faults: readonly PlacedFault[]
  /** Where each line begins. */
  readonly starts: readonly number[]
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/** Over text that JSON.parse has taken: so tokens alone tell where everything is. */
function scan(text: string): Scan {
  const offsets = new Map<string, number>([['(document)', 0]])
  const starts = lineStarts(text)
  const faults: PlacedFault[] = []
  const levels: Level[] = []
  let values = 0
  const tooMuch = (code: 'levels' | 'values', most: number, offset: number): Scan => ({
    offsets,
    starts,
    faults: [...faults, { ...fault('(document)', code, { most }), ...placeAt(starts, offset) }],
  })
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const level = levels.at(-1)
    if (token === '}' || token === ']') levels.pop()
    else if (token === ':' || token === ',') continue
    else if (level?.kind === 'object' && level.key === undefined) openKey(level, token, index)
    else {
      values++
      const path = pathOf(level)
      offsets.set(pathText(path), level?.kind === 'object' ? keyOffset(level, index) : index)
      if (level !== undefined) endValue(level)
      if (token === '{' || token === '[') {
        const kind = token === '{' ? 'object' : 'list'
        levels.push({ kind, path, keys: new Map(), key: undefined, items: 0 })
      }
      if (levels.length > MAX_DEPTH) return tooMuch('levels', MAX_DEPTH, index)
      if (values > MAX_VALUES) return tooMuch('values', MAX_VALUES, index)
    }
  }
  return { offsets, faults, starts }

  function openKey(level: Level, token: string, index: number): void {
    const key = String(JSON.parse(token))
    const earlier = level.keys.get(key)
    if (earlier !== undefined) {
      const path = pathText([...level.path, key])
      const { line, column } = placeAt(starts, earlier)
      faults.push({ ...fault(path, 'key-once', { line, column }), ...placeAt(starts, index) })
    }
    level.keys.set(key, index)
    level.key = key
  }
}

function pathOf(level: Level | undefined): readonly PropertyKey[] {
  if (level === undefined) return []
  return [...level.path, level.kind === 'object' ? (level.key ?? '') : level.items]
}

function keyOffset({ keys, key = '' }: Level, otherwise: number): number {
  return keys.get(key) ?? otherwise
}

function endValue(level: Level): void {
  level.key = undefined
  level.items++
}

function nearest(path: string, offsets: ReadonlyMap<string, number>): number {
  let around = path
  while (around !== '') {
    const offset = offsets.get(around)
    if (offset !== undefined) return offset
    around = around.slice(0, Math.max(0, around.lastIndexOf('.'), around.lastIndexOf('[')))
  }
  return 0
}

function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
}

/** By halving: a faulty document asks this for every fault. */
function placeAt(starts: readonly number[], offset: number): Place {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}
