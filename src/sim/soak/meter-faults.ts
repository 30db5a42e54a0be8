/** What happens to a site meter in the soak: it is lost, stands still, or shows something else than the truth. */
import type { MeterValues } from '../meter.js'
import type { BusFault } from '../ports/sim-bus.js'
import { whole } from './depot.js'
import type { FaultKind, FaultSite } from './fault-kind.js'

/** Meter lost: worst case in effect 25 s after the last good sample (control rule 15). */
const LOST_METER_S = 25
/** Frozen or wrong: 30 s until it is seen under 5 A of car change, then 15 s to act. */
const WRONG_METER_S = 45
/** A recording of two minutes at one read a second. */
const REPLAYED_READS = 120

const anyMeter = (site: FaultSite): string => site.metered[whole(site.dice, 0, site.metered.length - 1)] ?? ''
const hasMeter = (site: FaultSite): boolean => site.metered.length > 0

const scaled = (values: MeterValues, factor: (name: string) => number): MeterValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value * factor(name)]))
const isLoad = (name: string): boolean => name.startsWith('Current') || name.startsWith('Power.')

/** The truth for a while, and then that again and again. */
function replayed(): (values: MeterValues) => MeterValues {
  const recorded: MeterValues[] = []
  let reads = 0
  return values => {
    if (recorded.length < REPLAYED_READS) recorded.push(values)
    return recorded[reads++ % REPLAYED_READS] ?? values
  }
}

export const METER_FAULTS: readonly FaultKind[] = [
  {
    cause: 'meter lost',
    row: 'meter lost',
    fits: hasMeter,
    mostS: 900,
    allowedS: () => LOST_METER_S,
    begin: site => setMeter(site, { kind: 'silent' }),
  },
  {
    cause: 'meter frozen',
    row: 'meter wrong',
    fits: hasMeter,
    mostS: 600,
    allowedS: () => WRONG_METER_S,
    begin: site => setMeter(site, { kind: 'frozen' }),
  },
  {
    cause: 'meter x 0.1',
    row: 'meter wrong',
    fits: hasMeter,
    mostS: 600,
    allowedS: () => WRONG_METER_S,
    begin: site => distort(site, values => scaled(values, name => (isLoad(name) ? 0.1 : 1))),
  },
  {
    cause: 'meter x 0.5',
    row: 'meter wrong',
    fits: hasMeter,
    mostS: 600,
    allowedS: () => WRONG_METER_S,
    begin: site => distort(site, values => scaled(values, name => (isLoad(name) ? 0.5 : 1))),
  },
  {
    cause: 'meter replayed',
    row: 'meter wrong',
    fits: hasMeter,
    mostS: 900,
    allowedS: () => WRONG_METER_S,
    begin: site => distort(site, replayed()),
  },
  {
    cause: 'meter phase reversed',
    row: 'meter wrong',
    fits: hasMeter,
    mostS: 600,
    allowedS: () => WRONG_METER_S,
    begin: site =>
      distort(site, values => scaled(values, name => (isLoad(name) && name.endsWith('L1') ? -1 : 1))),
  },
]

function setMeter(site: FaultSite, fault: BusFault): () => void {
  const circuit = anyMeter(site)
  site.setMeter(circuit, fault)
  return () => site.setMeter(circuit, { kind: 'none' })
}

function distort(site: FaultSite, how: (values: MeterValues) => MeterValues): () => void {
  const circuit = anyMeter(site)
  site.distort(circuit, how)
  return () => site.distort(circuit, undefined)
}
