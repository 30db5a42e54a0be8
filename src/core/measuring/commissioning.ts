/**
 * What the steps of cars say of a meter's wiring when it is put into service: from what each phase did follow the order of the
 * inputs, their direction and the transformer ratio, with the steps as evidence. It proposes: nothing is changed by it. Knows
 * no bus; the steps are seen by `wiring-watch.ts`, the judgement of running meters is `meter-judge.ts`.
 */
import type { MeterConfig } from '../config/site.js'
import { type PerPhase, PHASE_INDEXES, PHASE_NAMES, type PhaseIndex } from '../site/phases.js'
import { type CheckStep, TELLS_A, type WiringCheck } from './wiring-watch.js'

/** What the steps leave unexplained, as a share of them: below the first an order fits, above the second none does. */
const FITS = 0.25
/** Another order explains them as well: the cars stepped alike on both phases. */
const ALIKE = 0.1
/** Within this of 1 the ratio is right. */
const RIGHT_RATIO = [0.93, 1.08] as const
/** It moved by less than this share of the steps: it does not see these stations. */
const SEES_SHARE = 0.05
/** One step can be chance. */
const ENOUGH = 2

export type WiringFinding =
  /** Too few steps yet. */
  | { readonly kind: 'waiting' }
  /** It moves by (almost) nothing: another circuit, frozen, not connected. */
  | { readonly kind: 'does not see' }
  /** No order, direction and ratio explain what it did. */
  | { readonly kind: 'unclear' }
  | {
      readonly kind: 'found'
      /** What to write to the configuration; absent keys are right as they are. */
      readonly change: Pick<MeterConfig, 'invert' | 'phaseMap' | 'ctRatio'>
      /** Site phases whose transformer sits the other way round while others do not: no setting mends that. */
      readonly turned: readonly (typeof PHASE_NAMES)[number][]
      /** Phases that stepped alike: their order is not shown. A car on one phase shows it. */
      readonly orderUnknown: boolean
      /**
       * The order is not the one that is configured, and more than one other explains the steps: a car on another phase tells
       * which. Empty where it may be as configured, or `change` names it.
       */
      readonly otherMaps: readonly PhaseMap[]
      /** Site phases that no step has shown. */
      readonly unseen: readonly (typeof PHASE_NAMES)[number][]
      /** What the meter shows of what flows, 1 = all. */
      readonly share: number
    }

/** Meter phase by index → the site phase it really hangs on. */
export type Order = readonly [PhaseIndex, PhaseIndex, PhaseIndex]
const ORDERS: readonly Order[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]
const MAPS = ['L1L2L3', 'L1L3L2', 'L2L1L3', 'L2L3L1', 'L3L1L2', 'L3L2L1'] as const

type PhaseMap = (typeof MAPS)[number]
type Wiring = Pick<MeterConfig, 'invert' | 'phaseMap' | 'ctRatio'>

/** What follows from the steps so far, for a meter that is wired as `wiring` says now. */
export function wiringFinding(check: WiringCheck, wiring: Wiring): WiringFinding {
  const steps = agreeingSteps(check)
  if (steps.length < ENOUGH) return { kind: 'waiting' }
  const stationSq = sumSq(steps.map(({ stationsA }) => stationsA))
  const meterSq = sumSq(steps.map(({ meterA }) => meterA))
  if (Math.sqrt(meterSq / stationSq) < SEES_SHARE) return { kind: 'does not see' }
  const fits = bestFits(steps)
  const [best] = fits
  if (best === undefined || best.off > FITS) return { kind: 'unclear' }
  const alike = fits.filter(({ off }) => off - best.off < ALIKE)
  // As it is configured, where that explains it as well as anything.
  const asConfigured = alike.find(({ order }) => order.every((to, from) => to === from))
  const configured = wiring.phaseMap ?? 'L1L2L3'
  const isOpen = alike.length > 1
  const otherMaps =
    isOpen && asConfigured === undefined
      ? alike.flatMap(({ order }) => composed(order, configured) ?? [])
      : []
  return found(steps, asConfigured ?? best, { orderUnknown: isOpen, otherMaps, wiring })
}

/**
 * The steps that one wiring explains, up to the newest: those before it was mended say nothing of it as it is now. All of them
 * where no two that follow one another agree.
 */
export function agreeingSteps({ steps }: WiringCheck): readonly CheckStep[] {
  for (let from = 0; from <= steps.length - ENOUGH; from++) {
    const newest = steps.slice(from)
    if ((bestFits(newest)[0]?.off ?? Number.MAX_VALUE) <= FITS) return newest
  }
  return steps
}

/** Best first. */
const bestFits = (steps: readonly CheckStep[]): readonly Fit[] =>
  ORDERS.map(order => fitOf(steps, order)).sort((a, b) => a.off - b.off)

/** Every order of the inputs that explains the steps as well as the best does; empty where none does. */
export function fittingOrders(check: WiringCheck): readonly Order[] {
  const steps = agreeingSteps(check)
  const fits = bestFits(steps)
  const [best] = fits
  if (steps.length < ENOUGH || best === undefined || best.off > FITS) return []
  return fits.filter(({ off }) => off - best.off < ALIKE).map(({ order }) => order)
}

interface Fit {
  /** Meter phase by index → the site phase it really hangs on. */
  readonly order: Order
  readonly signs: PerPhase
  readonly share: number
  /** Unexplained, as a share of the steps. */
  readonly off: number
}

function fitOf(steps: readonly CheckStep[], order: Order): Fit {
  const along = (phase: PhaseIndex): number =>
    steps.reduce((sum, { stationsA, meterA }) => sum + stationsA[order[phase]] * meterA[phase], 0)
  const sign = (phase: PhaseIndex): number => (along(phase) < 0 ? -1 : 1)
  const signs: PerPhase = [sign(0), sign(1), sign(2)]
  const stationSq = sumSq(steps.map(({ stationsA }) => stationsA))
  const share = PHASE_INDEXES.reduce<number>((sum, phase) => sum + Math.abs(along(phase)), 0) / stationSq
  const offSq = steps.reduce(
    (sum, { stationsA, meterA }) =>
      sum +
      PHASE_INDEXES.reduce<number>(
        (part, phase) => part + (meterA[phase] - signs[phase] * share * stationsA[order[phase]]) ** 2,
        0,
      ),
    0,
  )
  return { order, signs, share, off: share === 0 ? Number.MAX_VALUE : Math.sqrt(offSq / stationSq) / share }
}

function found(
  steps: readonly CheckStep[],
  { order, signs, share }: Fit,
  {
    orderUnknown,
    otherMaps,
    wiring,
  }: { readonly orderUnknown: boolean; readonly otherMaps: readonly PhaseMap[]; readonly wiring: Wiring },
): WiringFinding {
  const moved = PHASE_INDEXES.filter(site =>
    steps.some(({ stationsA }) => Math.abs(stationsA[site]) >= TELLS_A),
  )
  const turnedAt = PHASE_INDEXES.filter(phase => signs[phase] < 0 && moved.includes(order[phase])).map(
    phase => order[phase],
  )
  // One phase alone does not tell whether the others are turned too: inverting them with it could hide what they draw.
  const isInverted = moved.length > 1 && turnedAt.length === moved.length
  const ratio = 1 / share
  const phaseMap = orderUnknown ? undefined : composed(order, wiring.phaseMap ?? 'L1L2L3')
  const isRight = share >= RIGHT_RATIO[0] && share <= RIGHT_RATIO[1]
  return {
    kind: 'found',
    change: {
      ...(isInverted && { invert: wiring.invert !== true }),
      ...(phaseMap !== undefined && phaseMap !== (wiring.phaseMap ?? 'L1L2L3') && { phaseMap }),
      ...(!isRight && { ctRatio: Number(((wiring.ctRatio ?? 1) * ratio).toPrecision(3)) }),
    },
    turned: isInverted ? [] : turnedAt.map(site => PHASE_NAMES[site]),
    orderUnknown,
    otherMaps,
    unseen: PHASE_INDEXES.filter(site => !moved.includes(site)).map(site => PHASE_NAMES[site]),
    share: Number(share.toPrecision(3)),
  }
}

/** The inputs are configured on these site phases; what is shown there hangs on those. */
export function composed(order: Order, configured: string): PhaseMap | undefined {
  const inputs = PHASE_INDEXES.map(input => {
    const shownOn = PHASE_INDEXES.find(
      site => configured.slice(input * 2, input * 2 + 2) === PHASE_NAMES[site],
    )
    return shownOn === undefined ? '' : PHASE_NAMES[order[shownOn]]
  })
  return MAPS.find(map => map === inputs.join(''))
}

function sumSq(values: readonly PerPhase[]): number {
  return values.reduce((sum, [a, b, c]) => sum + a * a + b * b + c * c, 0)
}
