/**
 * Limits that the configuration itself knows: time windows, which may give a priority beside, and sources that are listened for. A source that protects something
 * Busbar cannot measure has its fallback in force whenever it is silent, from the start on (control rule 17).
 */
import { type LimitSourceConfig, type LimitWindowConfig, WEEKDAYS } from '../config/limit-sources.js'
import { localMoment } from '../site/local-time.js'
import type { SiteTree } from '../site/tree.js'
import type { OrderBook } from './book.js'
import { nodesOf } from './effective.js'
import { type LimitInForce, type LimitTarget, limitKey } from './limit.js'

const DAY_MINUTES = 24 * 60
const ORDINARY_PRIORITY = 5

/** Those whose hours it is now, by the clock on the site's wall. */
export function windowLimits(
  windows: readonly LimitWindowConfig[],
  timeZone: string,
  wallMs: number,
): readonly LimitInForce[] {
  if (windows.length === 0) return []
  const { weekday, minute } = localMoment(wallMs, timeZone)
  return windows
    .filter(window => isOpen(window, weekday, minute))
    .flatMap(({ id, circuit, limitA, to }): readonly LimitInForce[] => {
      if (limitA === undefined) return []
      return [
        {
          source: 'window',
          id,
          target: targetOf(circuit),
          value: { unit: 'A', perPhase: limitA },
          priority: ORDINARY_PRIORITY,
          reason: `until ${to} each day it is in force`,
          by: 'configuration',
          state: 'ordered',
          sinceWallMs: wallMs,
        },
      ]
    })
}

/**
 * Per node: the class of priority that the hours give its cars now; undefined where none do. Those of the circuit itself come
 * before those of what feeds it, and of two for one circuit the class that is served first.
 */
export function windowClasses(
  tree: SiteTree,
  windows: readonly LimitWindowConfig[],
  timeZone: string,
  wallMs: number,
): readonly (number | undefined)[] {
  const classes: (number | undefined)[] = tree.nodes.map(() => undefined)
  if (windows.every(({ priorityClass }) => priorityClass === undefined)) return classes
  const { weekday, minute } = localMoment(wallMs, timeZone)
  for (const window of windows) {
    const { circuit, priorityClass } = window
    if (priorityClass === undefined || !isOpen(window, weekday, minute)) continue
    for (const node of nodesOf(tree, targetOf(circuit)))
      classes[node] = Math.min(classes[node] ?? priorityClass, priorityClass)
  }
  // Whoever feeds a circuit stands before it.
  for (const [node, { parentIndex }] of tree.nodes.entries())
    if (parentIndex !== undefined) classes[node] ??= classes[parentIndex]
  return classes
}

/** One that ends at or before its beginning lasts into the next day, which is then the day after the one named. */
function isOpen({ days, from, to }: LimitWindowConfig, weekday: number, minute: number): boolean {
  const isDay = (day: number): boolean => days.includes(WEEKDAYS[(day + 7) % 7] ?? 'mon')
  const [begin, end] = [minuteOf(from), minuteOf(to)]
  if (begin < end) return isDay(weekday) && minute >= begin && minute < end
  return (isDay(weekday) && minute >= begin) || (isDay(weekday - 1) && minute < end)
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) % DAY_MINUTES
}

/** The fallbacks of sources that say nothing now. */
export function silentSources(
  sources: readonly LimitSourceConfig[],
  book: OrderBook,
  wallMs: number,
): readonly LimitInForce[] {
  return sources
    .filter(
      ({ door, id, fallbackLimitA }) =>
        fallbackLimitA !== undefined && !book.has(limitKey({ source: door, id })),
    )
    .map(({ id, circuit, fallbackLimitA }) => ({
      source: 'silence',
      id,
      target: targetOf(circuit),
      value: { unit: 'A', perPhase: fallbackLimitA ?? 0 },
      priority: ORDINARY_PRIORITY,
      reason: `${id} says nothing`,
      by: 'configuration',
      state: 'fallback',
      sinceWallMs: wallMs,
    }))
}

type CircuitTarget = Exclude<LimitTarget, { readonly kind: 'station' }>

export function circuitTarget(target: CircuitTarget, onlyStations: boolean): CircuitTarget {
  return onlyStations ? { ...target, onlyStations } : target
}

export function targetOf(circuit: string | undefined): CircuitTarget {
  return circuit === undefined ? { kind: 'site' } : { kind: 'circuit', circuitId: circuit }
}
