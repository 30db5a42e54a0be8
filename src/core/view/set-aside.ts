/**
 * What a circuit keeps on a phase beside other load and the cars that charge, by cause: the reserve for doubt about other
 * load, and what is held for stations that are away, were never seen, or owe a proof. Amps with codes and the stations
 * meant; the words stand beside them, once. Reads the state of the last decision.
 */
import { type ConnectorControl, isVerified } from '../control/connector.js'
import { bookedPerPhase, surelyDrawn } from '../control/evidence.js'
import type { ControlState } from '../control/state.js'
import { meterStatus } from '../measuring/meter-quality.js'
import type { PhaseIndex } from '../site/phases.js'
import type { CircuitLoad } from './circuit-view.js'

export interface Aside {
  readonly code: 'never seen' | 'unreachable' | 'unverified' | 'meter' | 'stations' | 'dip'
  readonly amps: number
  readonly about: readonly string[]
  /** Goes on with "… A are kept". */
  readonly because: string
}

/** Less is no news to anybody. */
const WORTH_A = 0.5
/** More names than that are a number. */
const NAMED = 3

export function setAside(
  state: ControlState,
  at: { readonly node: number; readonly phase: PhaseIndex; readonly nowMs: number },
  load: CircuitLoad | undefined,
): readonly Aside[] {
  const sums = new Map<Aside['code'], { amps: number; about: string[] }>()
  const add = (code: Aside['code'], amps: number, about: string): void => {
    const sum = sums.get(code) ?? { amps: 0, about: [] }
    sum.amps += amps
    if (!sum.about.includes(about)) sum.about.push(about)
    sums.set(code, sum)
  }
  const end = state.tree.subtreeEnd[at.node] ?? at.node
  const below = state.connectors.filter(({ node }) => node >= at.node && node < end)
  for (const connector of below) {
    const code = heldFor(state, connector)
    const station = state.stations.get(connector.stationId)
    if (code === undefined || station === undefined) continue
    add(code, bookedPerPhase(connector, station, at.nowMs)[at.phase], connector.stationId)
  }
  const reserveA = load?.reserveA[at.phase] ?? 0
  if (reserveA >= WORTH_A) addReserve(state, at, { below, reserveA, add })
  return [...sums]
    .filter(([, { amps }]) => amps >= WORTH_A)
    .map(([code, { amps, about }]) => ({ code, amps, about, because: WORDS[code](named(about)) }))
}

function heldFor(
  state: ControlState,
  connector: ConnectorControl,
): 'never seen' | 'unreachable' | 'unverified' | undefined {
  const station = state.stations.get(connector.stationId)
  if (station === undefined) return undefined
  if (!station.connected) {
    const isNew = connector.failSafe === undefined && connector.recordedA === undefined
    return isNew ? 'never seen' : 'unreachable'
  }
  return isVerified(connector) ? undefined : 'unverified'
}

function addReserve(
  state: ControlState,
  at: { readonly node: number; readonly phase: PhaseIndex; readonly nowMs: number },
  {
    below,
    reserveA,
    add,
  }: {
    readonly below: readonly ConnectorControl[]
    readonly reserveA: number
    readonly add: (code: Aside['code'], amps: number, about: string) => void
  },
): void {
  const meterId = state.tree.nodes[at.node]?.circuit.meter
  const pollMs = state.site.config.meters.find(({ id }) => id === meterId)?.pollMs
  if (meterId === undefined || pollMs === undefined) return
  const { judgement } = meterStatus(state.meters.get(meterId), at.nowMs, pollMs)
  if (state.loads[at.node]?.source === 'worst case' || judgement.worstCase[at.phase]) {
    add('meter', reserveA, meterId)
    return
  }
  const untold = below.filter(connector => {
    if (connector.transaction === undefined) return false
    const shownA = connector.reading?.bestA[at.phase] ?? connector.offerA
    return shownA - surelyDrawn(connector, at.nowMs)[at.phase] >= WORTH_A
  })
  if (untold.length === 0) add('dip', reserveA, meterId)
  else for (const { stationId } of untold) add('stations', reserveA / untold.length, stationId)
}

const WORDS: Readonly<Record<Aside['code'], (about: string) => string>> = {
  'never seen': about => `for ${about}, never seen since this was configured`,
  unreachable: about => `for ${about}, not connected`,
  unverified: about => `for ${about}, profiles not read back yet`,
  meter: about => `because meter ${about} is not proven yet`,
  stations: about => `because ${about} do not tell all they draw`,
  dip: () => 'because other load was higher a moment ago',
}

function named(about: readonly string[]): string {
  if (about.length > NAMED) return `${about.length} stations`
  const last = about.at(-1) ?? ''
  return about.length < 2 ? last : `${about.slice(0, -1).join(', ')} and ${last}`
}
