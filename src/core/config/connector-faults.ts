/** What a station of its model cannot hold or give at a connector. */
import { type Fault, fault } from './faults.js'
import { show } from './shown.js'
import type { ConnectorConfig } from './site.js'
import type { StationModel } from './station-model.js'

/** What a cable and a plug of a car carry (IEC 62196-2: 63 A, 70 A on one phase); more is given as direct current. */
const MOST_AC_A = 80

export function connectorFaults(
  connector: ConnectorConfig,
  path: string,
  model: StationModel | undefined,
): Fault[] {
  const faults: Fault[] = []
  if (model?.dc !== undefined && connector.phases !== 'L1L2L3')
    faults.push(fault(`${path}.phases`, 'dc-phases', { phases: connector.phases, model: model.id }))
  if (model !== undefined && model.dc === undefined && connector.maxCurrentA > MOST_AC_A)
    faults.push(
      fault(`${path}.maxCurrentA`, 'most-ac', {
        maxA: connector.maxCurrentA,
        mostA: MOST_AC_A,
        model: model.id,
      }),
    )
  const least = model?.smartCharging.minCurrentA ?? 6
  const failSafe = connector.failSafeCurrentA
  const at = `${path}.failSafeCurrentA`
  if (failSafe !== 0 && failSafe < least) {
    faults.push(fault(at, 'least-fail-safe', { failSafeA: failSafe, leastA: least }))
  }
  if (failSafe === 0 && model !== undefined && !model.smartCharging.holdsZero) {
    faults.push(fault(at, 'holds-no-zero', { leastA: least, model: model.id }))
  }
  if (failSafe > connector.maxCurrentA) {
    faults.push(fault(at, 'fail-safe-at-most', { failSafeA: failSafe, maxA: connector.maxCurrentA }))
  }
  if (connector.phases !== 'L1L2L3' && connector.phaseRotation !== 'Unknown') {
    const found = show(connector.phaseRotation)
    faults.push(fault(`${path}.phaseRotation`, 'no-rotation', { found }))
  }
  return faults
}
