/**
 * What is wrong with the site's meters: each by its code, with the numbers, what follows from it and what to do. None of
 * it lets more current flow (control rules 14, 15).
 */
import type { Now } from '../control/now.js'
import type { ControlState } from '../control/state.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { PHASE_NAMES } from '../site/phases.js'
import type { Condition } from './alarms.js'
import { round } from './circuit-load.js'
import type { MeterView } from './document.js'
import type { Links } from './link-view.js'
import { type Said, said } from './said.js'

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
    if (meter.verdict !== undefined)
      found.push({
        code: 'meter-wrong',
        about: meter.id,
        ...said`Meter ${meter.id} is not believed, worst case of other load is assumed: ${meter.verdict}.${exchangedText(state, meter.id)}`,
      })
    if (meter.quality === 'absent')
      found.push({
        code: 'meter-lost',
        about: meter.id,
        ...said`Meter ${meter.id} gives nothing${why}: worst case of other load is assumed.${remedy(meter.fault)}`,
      })
    if (meter.quality === 'stale' && meter.verdict === undefined)
      found.push({
        code: 'meter-stale',
        about: meter.id,
        ...said`Meter ${meter.id} is stale${why}: nothing is raised.${remedy(meter.fault)}`,
      })
    const strangers = links.meterStrangers?.(meter.id)
    if (strangers !== undefined)
      found.push({
        code: 'meter-line-shared',
        about: meter.id,
        ...said`On the line of meter ${meter.id} (unit ${meter.unitId} at ${meter.address}) came ${strangers} answers within ten minutes that Busbar had not asked for: another master asks there, or two devices have one address. Let Busbar alone ask; others can read the meter from its Modbus server.`,
      })
  }
  for (const { id, pollMs } of state.site.config.meters) {
    const { doubt } = meterStatus(state.meters.get(id), now.monoMs, pollMs).judgement
    if (doubt !== undefined)
      found.push({
        code: 'meter-doubted',
        about: id,
        ...said`Meter ${id} is in doubt, worst case of other load is assumed: ${doubt}.`,
      })
  }
  return [...found, ...worstCaseConditions(state, now)]
}

/** The fail-safe proof rests on the worst case: more than that is an alarm while everything still works. */
function worstCaseConditions(state: ControlState, now: Now): readonly Condition[] {
  return state.aboveWorst.flatMap((above, node): readonly Condition[] => {
    const id = state.tree.nodes[node]?.id ?? ''
    if (above === undefined || now.monoMs - above.sinceMs < ABOVE_WORST_MS) return []
    const text = said`Other load on ${id} is at least ${round(above.otherA)} A on ${PHASE_NAMES[above.phase]}, configured worst case ${round(above.worstA)} A: without Busbar or meter the circuit is not safe. Correct worstCaseOtherLoadA.`
    return [{ code: 'other-load-above-worst-case', about: id, ...text }]
  })
}

/** Stations held because they may hang on another circuit than that of their meter. */
function exchangedText({ elsewhere, tree }: ControlState, meterId: string): Said | '' {
  const at = [...elsewhere].find(nodes => nodes.some(node => tree.nodes[node]?.circuit.meter === meterId))
  if (at === undefined) return ''
  const [here = '', there = ''] = at.map(node => tree.nodes[node]?.id ?? '')
  return said` Or stations of ${here} hang on ${there}, which carried more than anybody accounts for: they are held at their fail-safe. Compare the wiring.`
}

function whyMeter({ fault, frozen, unitId, address }: MeterView): Said | '' {
  const words = frozen && fault !== 'frozen' ? [fault, 'frozen'] : [fault]
  const known = words.filter(word => word !== undefined)
  return known.length === 0 ? '' : said` (${known.join(', ')}; unit ${unitId} at ${address})`
}

/** By the beginning of what the poller says. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^wrong model/, 'Choose the model that a scan of its line names.'],
  [/^no device file/, 'Choose a model that there is.'],
  [
    /^(no connection|ECONN|EHOST|ENET|timeout|no answer|connection lost|serial port)/,
    'Check its supply, address, cable and unit id.',
  ],
  [/^exception/, 'Check model and unit id; behind a gateway also its routes.'],
  [/^not plausible/, 'Check model, word order and wiring.'],
  [/crc/i, 'Check rate, parity, ends of the line, and that each address is given once.'],
]

function remedy(fault: string | undefined): string {
  // Of a meter made of others: what its part says.
  const said = fault?.replace(/^part \S+ /, '')
  const found = REMEDIES.find(([pattern]) => said !== undefined && pattern.test(said))
  return found === undefined ? '' : ` ${found[1]}`
}
