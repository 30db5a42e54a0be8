/**
 * Finding a model in a SunSpec map: "SunS" at one of the known bases, then a chain of (ID, length, data) up to 0xFFFF.
 * Decides which register is to be read next; reads nothing itself.
 */
import type { MeterDevice } from './device-schema.js'

/** The models that would do, and where the chain may begin. */
export interface SunspecMap {
  readonly bases: readonly number[]
  readonly models: readonly { readonly modelId: number; readonly modelLength: number }[]
}

/** Undefined for a device that is no SunSpec meter. */
export function sunspecMapOf(devices: readonly MeterDevice[]): SunspecMap | undefined {
  const maps = devices.flatMap(({ sunspec }) => (sunspec === undefined ? [] : [sunspec]))
  return maps.length === 0
    ? undefined
    : { bases: [...new Set(maps.flatMap(({ bases }) => bases))], models: maps }
}

/** "SunS" in two registers. */
export const SUNSPEC_MARKER = [0x5375, 0x6e53] as const
export const SUNSPEC_END = 0xffff
/** No real device has more; a chain that goes on is a chain of garbage. */
const MAX_MODELS = 40

export type SunspecSearch =
  | { readonly kind: 'marker'; readonly baseIndex: number; readonly address: number }
  | { readonly kind: 'model'; readonly address: number; readonly seen: number }
  | { readonly kind: 'found'; readonly origin: number; readonly modelId: number }
  | { readonly kind: 'missing'; readonly text: string }

export function startSearch(map: SunspecMap): SunspecSearch {
  return markerAt(map, 0)
}

/** The next step after the two registers at `search.address` were read; undefined words = the device refused them. */
export function continueSearch(
  map: SunspecMap,
  search: SunspecSearch,
  words: readonly number[] | undefined,
): SunspecSearch {
  switch (search.kind) {
    case 'marker':
      return words?.[0] === SUNSPEC_MARKER[0] && words[1] === SUNSPEC_MARKER[1]
        ? { kind: 'model', address: search.address + 2, seen: 0 }
        : markerAt(map, search.baseIndex + 1)
    case 'model':
      return modelAt(map, search, words)
    case 'found':
    case 'missing':
      return search
  }
}

function markerAt(map: SunspecMap, baseIndex: number): SunspecSearch {
  const address = map.bases[baseIndex]
  return address === undefined
    ? { kind: 'missing', text: 'wrong model: no SunSpec marker' }
    : { kind: 'marker', baseIndex, address }
}

function modelAt(
  map: SunspecMap,
  search: { readonly address: number; readonly seen: number },
  words: readonly number[] | undefined,
): SunspecSearch {
  const [id, length] = words ?? []
  const missing: SunspecSearch = {
    kind: 'missing',
    text: `wrong model: no SunSpec model ${map.models.map(({ modelId }) => modelId).join(', ')}`,
  }
  if (id === undefined || length === undefined || id === SUNSPEC_END) return missing
  if (map.models.some(({ modelId, modelLength }) => id === modelId && length >= modelLength))
    return { kind: 'found', origin: search.address, modelId: id }
  const next = search.address + 2 + length
  if (search.seen + 1 >= MAX_MODELS || next > 65534) return missing
  return { kind: 'model', address: next, seen: search.seen + 1 }
}
