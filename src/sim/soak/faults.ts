/** Everything that goes wrong in the soak. */
import type { FaultKind } from './fault-kind.js'
import { METER_FAULTS } from './meter-faults.js'
import { STATION_FAULTS } from './station-faults.js'
import { WORLD_FAULTS } from './world-faults.js'

export const FAULTS: readonly FaultKind[] = [...METER_FAULTS, ...STATION_FAULTS, ...WORLD_FAULTS]
