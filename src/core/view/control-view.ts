/**
 * What the booking knows beyond configured connectors: stations that are gone from the configuration, connectors nobody
 * configured, and how far the installed fail-safe is known (control rules 9-11). Shapes only.
 */
import { isDrivenByCsms } from '../config/site.js'
import type { ConnectorControl } from '../control/connector.js'
import { retiredA } from '../control/retired.js'
import type { ControlState } from '../control/state.js'
import type { StationControl } from '../control/station.js'
import { activeStrays } from '../control/stray.js'
import { add, spread } from '../site/phases.js'
import { round, roundAll } from './circuit-load.js'
import type { ConnectorView, RetiredStationView, StationView } from './document.js'

/** One entry per station, in the order of their records. */
export function retiredViews({ retired, tree }: ControlState, nowMs: number): readonly RetiredStationView[] {
  const views = new Map<string, RetiredStationView>()
  for (const entry of retired) {
    const before = views.get(entry.stationId)
    const circuitIds = entry.nodes.flatMap(node => tree.nodes[node]?.circuit.id ?? [])
    const bookedA = spread(retiredA(entry, nowMs), entry.phases)
    views.set(entry.stationId, {
      id: entry.stationId,
      connectorIds: [...(before?.connectorIds ?? []), entry.connectorId],
      circuitIds: [...new Set([...(before?.circuitIds ?? []), ...circuitIds])],
      bookedA: roundAll(before === undefined ? bookedA : add(before.bookedA, bookedA)),
    })
  }
  return [...views.values()]
}

/** What of a station is out of the ordinary; empty otherwise. */
export function stationControlView(
  station: StationControl,
  nowMs: number,
): Pick<StationView, 'notConfigured' | 'clockDoubt' | 'planFault' | 'release' | 'loadControl'> {
  const strays = activeStrays(station, nowMs)
  const { clockDoubt, planFault } = station
  const release = station.isToBeReleased ? 'waits' : station.release
  return {
    ...(strays.length > 0 && {
      notConfigured: strays.map(({ connectorId, bookedA }) => ({ connectorId, bookedA: round(bookedA) })),
    }),
    ...(clockDoubt !== undefined && { clockDoubt }),
    ...(planFault !== undefined && { planFault }),
    ...(release !== undefined && !isDrivenByCsms(station.config) && { release }),
    ...(isDrivenByCsms(station.config) && { loadControl: 'csms' as const }),
  }
}

/** The fail-safe that lies on the station, and whether a reboot was seen to keep it. */
export function failSafeView(
  connector: ConnectorControl,
): Pick<ConnectorView, 'installedFailSafeA' | 'survivedReboot'> {
  const survived = survivedOf(connector)
  return {
    ...(connector.failSafe !== undefined && { installedFailSafeA: round(connector.failSafe.valueA) }),
    survivedReboot: survived === undefined ? 'unknown' : survived ? 'yes' : 'no',
  }
}

/** By the last look after a reboot; undefined = nobody has looked. */
export function survivedOf({ failSafe, survived }: ConnectorControl): boolean | undefined {
  return failSafe?.survivedReboot ?? survived
}
