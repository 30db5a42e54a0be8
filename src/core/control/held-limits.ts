/**
 * Limits that are held by looking at what flows (a quarter-hour mean, UK G100): before each decision what each has come to, as limits
 * like those from outside. A circuit whose meter is not fresh is one of which nobody knows what flows.
 */
import type { SiteConfig } from '../config/site.js'
import { circuitTarget, targetOf } from '../limits/declared.js'
import { nodesOf } from '../limits/effective.js'
import { NO_EXCURSIONS, stepExcursions } from '../limits/excursions.js'
import type { LimitInForce } from '../limits/limit.js'
import { stepQuarterBudget } from '../limits/quarter-budget.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { type PerPhase, ZERO } from '../site/phases.js'
import type { Now } from './now.js'
import { powerThrough } from './power.js'
import type { ControlState } from './state.js'
import { factsOf } from './tree-facts.js'
import { highestV } from './watts.js'

const ORDINARY_PRIORITY = 5
type ImportLimit = SiteConfig['limits']['importLimits'][number]
type MeanLimit = SiteConfig['limits']['meanLimits'][number]

export function stepHeldLimits(state: ControlState, now: Now): void {
  const { importLimits, meanLimits } = state.site.config.limits
  if (importLimits.length > 0)
    state.excursions = new Map(
      importLimits.map(limit => {
        const before = state.excursions.get(limit.id) ?? NO_EXCURSIONS
        return [limit.id, stepExcursions(before, isOver(state, limit, now), now.monoMs)]
      }),
    )
  if (meanLimits.length > 0)
    state.budgets = new Map(
      meanLimits.map(limit => [
        limit.id,
        stepQuarterBudget(state.budgets.get(limit.id), lookAt(state, limit, now)),
      ]),
    )
}

export function heldLimits(state: ControlState, now: Now): readonly LimitInForce[] {
  const { importLimits, meanLimits } = state.site.config.limits
  const base = {
    priority: ORDINARY_PRIORITY,
    by: 'configuration',
    state: 'ordered' as const,
    sinceWallMs: now.wallMs,
  }
  const imports = importLimits.flatMap(
    ({ id, circuit, limitA, lockedStationsA }): readonly LimitInForce[] => {
      const target = targetOf(circuit)
      const held: LimitInForce = {
        ...{ ...base, source: 'g100', id, target, value: { unit: 'A', perPhase: limitA } },
        reason: 'UK G100',
      }
      const untilMonoMs = state.excursions.get(id)?.lockedUntilMs
      if (untilMonoMs === undefined || untilMonoMs <= now.monoMs) return [held]
      return [
        held,
        {
          ...{
            ...base,
            source: 'g100',
            id: lockedId(id),
            target: circuitTarget(target, true),
            untilMonoMs,
          },
          ...{
            value: { unit: 'A', perPhase: lockedStationsA },
            reason: 'UK G100: locked out after excursions',
          },
        },
      ]
    },
  )
  const means = meanLimits.flatMap(({ id, circuit, meanLimitW }): readonly LimitInForce[] => {
    const stationsW = state.budgets.get(id)?.told.at(-1)?.stationsW
    return [
      {
        ...{ ...base, source: 'mean', id, target: circuitTarget(targetOf(circuit), true) },
        value: { unit: 'W', total: stationsW ?? 0 },
        reason: `${meanLimitW} W as the mean of each quarter of an hour`,
      },
    ]
  })
  return [...imports, ...means]
}

export const lockedId = (id: string): string => `${id}:locked`

function nodeOf(state: ControlState, circuit: string | undefined): number {
  return nodesOf(state.tree, targetOf(circuit))[0] ?? 0
}

function isOver(state: ControlState, { circuit, limitA }: ImportLimit, now: Now): boolean | undefined {
  const meterId = state.tree.nodes[nodeOf(state, circuit)]?.circuit.meter
  const pollMs = state.site.config.meters.find(({ id }) => id === meterId)?.pollMs
  if (meterId === undefined || pollMs === undefined) return undefined
  const { quality, currentA } = meterStatus(state.meters.get(meterId), now.monoMs, pollMs)
  return quality === 'fresh' && currentA !== undefined ? Math.max(...currentA) > limitA : undefined
}

const sumOf = ([l1, l2, l3]: PerPhase): number => l1 + l2 + l3

function lookAt(state: ControlState, { circuit, meanLimitW }: MeanLimit, { monoMs, wallMs }: Now) {
  const now = { monoMs, wallMs }
  const node = nodeOf(state, circuit)
  const voltageV = highestV(state, now)
  const below = state.connectorsBelow[node] ?? []
  const stationsA = below.reduce((sum, { config }) => sum + config.maxCurrentA, 0)
  const worstA = factsOf(state.tree).worstA[node] ?? ZERO
  const otherA = state.loads[node]?.otherA ?? worstA
  const mostA = Math.min(stationsA, state.carriesA[node] ?? stationsA)
  return {
    ...{ monoMs, wallMs, meanLimitW },
    powerW: powerThrough(state, { node, onlyStations: false }, now),
    otherW: sumOf(otherA) * voltageV,
    worstOtherW: sumOf(worstA) * voltageV,
    mostStationsW: 3 * mostA * voltageV,
  }
}
