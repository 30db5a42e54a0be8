/**
 * What is wrong with the site's meters: each by its code, with the numbers, what follows from it and what to do. None of
 * it lets more current flow (control rules 14, 15).
 */
import type { Now } from '../control/now.js'
import type { ControlState } from '../control/state.js'
import { judgementOf } from '../measuring/meter-judge.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { PHASE_NAMES } from '../site/phases.js'
import { type Said, type SaidParam, say } from '../words/said.js'
import type { Condition } from './alarms.js'
import { round } from './circuit-load.js'
import type { MeterView } from './document.js'
import { type Links, sayOfSystem } from './link-view.js'

/** Longer than the news of a car that has just started. */
const ABOVE_WORST_MS = 10_000

export function meterConditions(
  state: ControlState,
  meters: readonly MeterView[],
  links: Links,
  now: Now,
): readonly Condition[] {
  const found: Condition[] = []
  for (const meter of meters) {
    const why = whyMeter(meter)
    const judge = state.meters.get(meter.id)?.judge
    const verdict = judge === undefined ? undefined : judgementOf(judge, now.monoMs).verdict
    if (verdict !== undefined)
      found.push({
        code: 'meter-wrong',
        about: meter.id,
        ...say('meter-not-believed', { meter: meter.id, verdict, exchanged: exchangedText(state, meter.id) }),
      })
    if (meter.quality === 'absent')
      found.push({
        code: 'meter-lost',
        about: meter.id,
        ...say('meter-gives-nothing', { meter: meter.id, why, remedy: remedy(meter.fault) }),
      })
    if (meter.quality === 'stale' && verdict === undefined)
      found.push({
        code: 'meter-stale',
        about: meter.id,
        ...say('meter-stale', { meter: meter.id, why, remedy: remedy(meter.fault) }),
      })
    const strangers = links.meterStrangers?.(meter.id)
    if (strangers !== undefined)
      found.push({
        code: 'meter-line-shared',
        about: meter.id,
        ...say('meter-line-shared', {
          meter: meter.id,
          unitId: meter.unitId,
          address: meter.address,
          count: strangers,
        }),
      })
  }
  for (const { id, pollMs } of state.site.config.meters) {
    const { doubt } = meterStatus(state.meters.get(id), now.monoMs, pollMs).judgement
    if (doubt !== undefined)
      found.push({
        code: 'meter-doubted',
        about: id,
        ...say('meter-in-doubt', { meter: id, doubt }),
      })
  }
  return [...found, ...worstCaseConditions(state, now)]
}

/** The fail-safe proof rests on the worst case: more than that is an alarm while everything still works. */
function worstCaseConditions(state: ControlState, now: Now): readonly Condition[] {
  return state.aboveWorst.flatMap((above, node): readonly Condition[] => {
    const id = state.tree.nodes[node]?.id ?? ''
    if (above === undefined || now.monoMs - above.sinceMs < ABOVE_WORST_MS) return []
    const text = say('other-load-above-worst-case', {
      circuit: id,
      otherA: round(above.otherA),
      phase: PHASE_NAMES[above.phase],
      worstA: round(above.worstA),
    })
    return [{ code: 'other-load-above-worst-case', about: id, ...text }]
  })
}

/** Stations held because they may hang on another circuit than that of their meter. */
function exchangedText({ elsewhere, tree }: ControlState, meterId: string): Said | '' {
  const at = [...elsewhere].find(nodes => nodes.some(node => tree.nodes[node]?.circuit.meter === meterId))
  if (at === undefined) return ''
  const [here = '', there = ''] = at.map(node => tree.nodes[node]?.id ?? '')
  return say('meter-or-exchanged', { here, there })
}

function whyMeter({ fault, frozen, unitId, address }: MeterView): Said | '' {
  const words = frozen && fault !== 'frozen' ? [fault, 'frozen'] : [fault]
  const known = words.filter(word => word !== undefined).map(sayFault)
  const [first, ...others] = known
  if (first === undefined) return ''
  const said = others.reduce((reasons, more) => say('reasons-more', { reasons, more }), first)
  return say('meter-fault-where', { fault: said, unitId, address })
}

/** As the bus says it. */
const CUT = 'connection lost'

/** What the poller says; its own words stay as they are where they name registers and bytes. */
export function sayFault(fault: string): SaidParam {
  if (fault === 'timeout') return say('meter-silent')
  if (fault === CUT) return say('meter-cut')
  return fault === 'frozen' ? say('meter-frozen') : (sayOfSystem(fault) ?? fault)
}

/** By the beginning of what the poller says. */
const REMEDIES = [
  [/^wrong model/, 'choose-scanned-model'],
  [/^no device file/, 'choose-known-model'],
  [/^(no connection|ECONN|EHOST|ENET|timeout|no answer|connection lost|serial port)/, 'check-supply'],
  [/^exception/, 'check-model-and-unit'],
  [/^not plausible/, 'check-model-and-wiring'],
  [/crc/i, 'check-line'],
] as const

function remedy(fault: string | undefined): Said | '' {
  // Of a meter made of others: what its part says.
  const told = fault?.replace(/^part \S+ /, '')
  const found = REMEDIES.find(([pattern]) => told !== undefined && pattern.test(told))
  return found === undefined ? '' : say(found[1])
}
