/**
 * Who is to be ready by when, where somebody has said or earlier sessions have shown it: what it has, what it wants, what it
 * will have if it goes on as now. A forecast, which decides nothing: what comes of others' leaving is not in it. Pure.
 */
import { type ConnectorControl, freshReading } from '../control/connector.js'
import type { Now } from '../control/now.js'
import type { Reasons } from '../control/reasons.js'
import type { ControlState } from '../control/state.js'
import type { ReadyByView } from './record-document.js'
import { whyView } from './why-words.js'

const HOUR_MS = 3_600_000

/** The first to leave first. */
export function readyBy(state: ControlState, reasons: Reasons, now: Now): readonly ReadyByView[] {
  const voltageV = state.site.config.site.nominalVoltageV
  return state.connectors
    .flatMap((connector): ReadyByView[] => {
      const { claim, transaction, stationId, id: connectorId } = connector
      const departureWallMs = claim?.departureWallMs
      if (claim === undefined || departureWallMs === undefined || transaction === undefined) return []
      const energyWh = Math.round(transaction.energy.leastWh)
      const powerW = powerOf(connector, voltageV, now)
      const leftH = Math.max(0, departureWallMs - now.wallMs) / HOUR_MS
      const expectedWh = powerW === undefined ? undefined : Math.round(energyWh + powerW * leftH)
      const wantedWh = claim.energyWh
      const whySaid = whyView(reasons.get(connector.key) ?? [])
      return [
        {
          ...{ stationId, connectorId, energyWh, source: claim.source },
          departureAt: new Date(departureWallMs).toISOString(),
          ...(wantedWh !== undefined && { wantedWh }),
          ...(powerW !== undefined && { powerW }),
          ...(expectedWh !== undefined && { expectedWh }),
          readiness: readinessOf(energyWh, wantedWh, expectedWh),
          ...{ why: whySaid.text, whySaid },
        },
      ]
    })
    .sort((a, b) => (a.departureAt < b.departureAt ? -1 : 1))
}

function readinessOf(
  energyWh: number,
  wantedWh: number | undefined,
  expectedWh: number | undefined,
): ReadyByView['readiness'] {
  if (wantedWh === undefined) return 'unknown'
  if (energyWh >= wantedWh) return 'ready'
  if (expectedWh === undefined) return 'unknown'
  return expectedWh >= wantedWh ? 'on time' : 'late'
}

/** As its station measures it, else by what it is offered, which it may not take. */
function powerOf(connector: ConnectorControl, voltageV: number, now: Now): number | undefined {
  const reading = freshReading(connector, now.monoMs)
  if (reading !== undefined && reading.best !== 'unknown')
    return Math.round(reading.bestA.reduce((sum, amps) => sum + Math.max(0, amps), 0) * voltageV)
  const phases = connector.phases.filter(Boolean).length
  return connector.everOffered ? Math.round(connector.offerA * phases * voltageV) : undefined
}
