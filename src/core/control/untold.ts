/**
 * What is taken out of a meter for stations though no sample tells of it: raises on their way, and draws of stations that have
 * gone. The metered circuit itself is bounded by what it shows; a circuit below it without a meter is not (control rule 14).
 */
import { type OtherLoad, sumsBelow } from '../allocation/headroom.js'
import { add, maxOf, minOf, type PerPhase, subtract, ZERO } from '../site/phases.js'
import type { ConnectorControl } from './connector.js'
import { type CreditNow, creditNow, NO_CREDIT, type RaiseCredit, raiseCredit } from './own-raises.js'
import type { ControlState } from './state.js'
import { factsOf } from './tree-facts.js'

interface Leaf {
  readonly node: number
  readonly connector: ConnectorControl
  readonly station: { readonly connected: boolean }
  /** Surely drawn, as far as samples of it count. */
  readonly lowerA: PerPhase
}

/** Per node: what is not counted as other load, and no sample tells of. */
interface Untold {
  readonly toComeA: readonly PerPhase[]
  readonly credits: readonly CreditNow[]
  readonly unheardA: readonly (PerPhase | undefined)[]
}

export const NOTHING_NOW: CreditNow = { newA: ZERO, toldA: ZERO, lowerA: ZERO }

/** Per node: what raises of ours may explain of a rise of the meter. */
export function raiseCredits(
  state: ControlState,
  leaves: readonly Leaf[],
  nowMs: number,
): readonly CreditNow[] {
  const credits: { readonly node: number; readonly credit: RaiseCredit }[] = []
  for (const { node, connector, lowerA } of leaves) {
    const credit = raiseCredit(connector, lowerA, nowMs)
    if (credit !== NO_CREDIT) credits.push({ node, credit })
  }
  if (credits.length === 0) return state.tree.nodes.map(() => NOTHING_NOW)
  const { parents } = state.tree
  const coming = sumsBelow(parents, credits, ({ credit }) => credit.comingA)
  const shown = sumsBelow(parents, credits, ({ credit }) => credit.shownA)
  const told = sumsBelow(parents, credits, ({ credit }) => credit.toldA)
  const sums = sumsBelow(parents, credits, ({ credit }) => [credit.toldSumA, 0, 0])
  const lower = sumsBelow(parents, credits, ({ credit }) => credit.lowerA)
  return coming.map((comingA, node) =>
    creditNow(
      {
        comingA,
        shownA: shown[node] ?? ZERO,
        toldA: told[node] ?? ZERO,
        toldSumA: sums[node]?.[0] ?? 0,
        lowerA: lower[node] ?? ZERO,
      },
      state.ownShownA[node] ?? ZERO,
    ),
  )
}

/** Taken out of the meter for stations that are not there: whether they draw it still nobody hears. */
export function unheardBelow(
  state: ControlState,
  leaves: readonly Leaf[],
  nowMs: number,
): readonly (PerPhase | undefined)[] {
  const away = leaves.filter(({ station }) => !station.connected)
  if (away.length === 0) return []
  return sumsBelow(state.tree.parents, away, ({ connector, lowerA }) =>
    add(lowerA, raiseCredit(connector, lowerA, nowMs).toldA),
  )
}

/**
 * Without a meter of its own a circuit carries no more other load than the nearest meter above sees in all (rule 14). What raises
 * of stations that hang elsewhere explain of that and no sample has told yet, and what stations there drew before they went
 * away, may as well be other load here.
 */
export function underMeters(
  state: ControlState,
  loads: readonly OtherLoad[],
  { toComeA, credits, unheardA }: Untold,
): readonly OtherLoad[] {
  const { above } = factsOf(state.tree)
  return loads.map((load, node) => {
    const at = above[node] ?? node
    const seen = loads[at]
    if (seen === undefined || seen === load) return load
    const elsewhereA = (sums: readonly (PerPhase | undefined)[], hereA: PerPhase | undefined): PerPhase =>
      maxOf(subtract(sums[at] ?? ZERO, hereA ?? ZERO), ZERO)
    const untoldA = add(elsewhereA(toComeA, credits[node]?.newA), elsewhereA(unheardA, unheardA[node]))
    return { otherA: minOf(load.otherA, add(seen.otherA, untoldA)), source: load.source }
  })
}
