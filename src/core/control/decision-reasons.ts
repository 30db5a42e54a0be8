/**
 * The reasons of a decision as they are kept on disk: rows instead of objects, times in seconds before or after the decision,
 * nothing at the end that says nothing. What cannot be read is left out; the decision itself stands without it.
 */
import { SHARING_RULES } from '../config/site-profile.js'
import { LIMIT_SOURCES, LIMIT_STATES } from '../limits/limit.js'
import { PHASE_NAMES } from '../site/phases.js'
import {
  type CircuitPart,
  type CircuitParts,
  type HeldReason,
  LIFTS,
  type Order,
  PART_CODES,
  REASON_CODES,
} from './reason.js'

type Cell = string | number | null

/** `atWallMs`: of the decision. */
export function encodeReasons(
  reasons: readonly HeldReason[],
  atWallMs: number,
): readonly (readonly Cell[])[] {
  const seconds = (wallMs: number | undefined): Cell =>
    wallMs === undefined ? null : Math.round((wallMs - atWallMs) / 1000)
  return reasons.map(reason =>
    trimmed([
      ...[reason.code, tenths(reason.valueA), reason.lift, seconds(reason.sinceWallMs)],
      ...[reason.circuitId ?? null, reason.phase ?? null, tenths(reason.towardsA), reason.cars ?? null],
      ...[reason.rule ?? null, reason.about ?? null, seconds(reason.liftWallMs)],
      ...orderCells(reason.order),
    ]),
  )
}

export function decodeReasons(value: unknown, atWallMs: number): readonly HeldReason[] {
  return rows(value).flatMap(row => {
    const [code, valueA, lift, since, circuitId, phase, towardsA, cars, rule, about, liftS, ...order] = row
    const at = (cell: unknown): number | undefined =>
      typeof cell === 'number' ? atWallMs + cell * 1000 : undefined
    const known = oneOf(REASON_CODES, code)
    const lifts = oneOf(LIFTS, lift)
    if (known === undefined || lifts === undefined || typeof valueA !== 'number') return []
    const phaseName = oneOf(PHASE_NAMES, phase)
    const sharing = oneOf(SHARING_RULES, rule)
    const liftWallMs = at(liftS)
    return {
      ...{ code: known, valueA, lift: lifts, sinceWallMs: at(since) ?? atWallMs },
      ...(typeof circuitId === 'string' && { circuitId }),
      ...(phaseName !== undefined && { phase: phaseName }),
      ...(typeof towardsA === 'number' && { towardsA }),
      ...(typeof cars === 'number' && { cars }),
      ...(sharing !== undefined && { rule: sharing }),
      ...(typeof about === 'string' && { about }),
      ...(liftWallMs !== undefined && { liftWallMs }),
      ...orderIn(order),
    }
  })
}

const ORDER_CELLS = 4

function orderCells(order: Order | undefined): readonly Cell[] {
  return order === undefined ? [] : [order.source, order.state, order.id, order.by]
}

function orderIn(cells: unknown): { readonly order?: Order } {
  const [source, state, id, by] = Array.isArray(cells) ? cells : []
  const from = oneOf(LIMIT_SOURCES, source)
  const is = oneOf(LIMIT_STATES, state)
  if (from === undefined || is === undefined || typeof id !== 'string' || typeof by !== 'string') return {}
  return { order: { source: from, state: is, id, by } }
}

export function encodeParts({ phase, order, onlyStations, limitA, parts }: CircuitParts): readonly unknown[] {
  const cells = [phase, ...orderCells(order)]
  return [
    onlyStations === true ? [...cells, tenths(limitA)] : cells,
    ...parts.map(({ code, valueA, count, about, assumed }) =>
      trimmed([code, tenths(valueA), count === 0 ? null : count, assumed ?? null, ...about]),
    ),
  ]
}

export function decodeParts(
  value: unknown,
  circuit: { readonly id: string; readonly limitA: number },
): CircuitParts | undefined {
  const [first, ...rest] = Array.isArray(value) ? value : []
  const [name, ...order] = Array.isArray(first) ? first : []
  const phase = oneOf(PHASE_NAMES, name)
  if (phase === undefined) return undefined
  const parts = rows(rest).flatMap(([code, valueA, count, assumed, ...about]): readonly CircuitPart[] => {
    const known = oneOf(PART_CODES, code)
    if (known === undefined || typeof valueA !== 'number') return []
    const names = about.filter(name => typeof name === 'string')
    return [
      {
        ...{ code: known, valueA, about: names, count: typeof count === 'number' ? count : 0 },
        ...(typeof assumed === 'string' && { assumed }),
      },
    ]
  })
  const stationsA = order[ORDER_CELLS]
  const only = typeof stationsA === 'number' ? { onlyStations: true as const, limitA: stationsA } : {}
  return { circuitId: circuit.id, phase, limitA: circuit.limitA, ...only, ...orderIn(order), parts }
}

function tenths(valueA: number): number
function tenths(valueA: number | undefined): Cell
function tenths(valueA: number | undefined): Cell {
  return valueA === undefined ? null : Math.round(valueA * 10) / 10
}

function trimmed(cells: readonly Cell[]): readonly Cell[] {
  return cells.slice(0, cells.findLastIndex(cell => cell !== null) + 1)
}

function rows(value: unknown): readonly (readonly unknown[])[] {
  return Array.isArray(value) ? value.filter(row => Array.isArray(row)) : []
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find(one => one === value)
}
