/**
 * What a station's restart and its configuration change in what is known of it, and what has to be laid or read again then
 * (control rules 7, 11).
 */
import type { BootInfo, StationConfiguration } from '../events.js'
import { configurationNotices } from '../station/configuration-notices.js'
import { sameLimits, withReportedLimits } from '../station/reported-limits.js'
import { recordRestart } from './keep.js'
import type { Now } from './now.js'
import { hasWaited, startSetup, waitsForMs } from './setup.js'
import { isLaid } from './setup-steps.js'
import type { ControlState } from './state.js'
import { heard, type StationControl } from './station.js'

/** A reboot may have cost the station its profiles: nothing is known until read back (control rule 11). */
export function booted(state: ControlState, station: StationControl, info: BootInfo, now: Now): void {
  const { boot } = station
  const isSame =
    boot === undefined ||
    (boot.firmware === info.firmware && boot.model === info.model && boot.vendor === info.vendor)
  const kind = isLaid(station) && isSame ? 'lay' : 'all'
  station.boot = info
  station.setupRefusals = 0
  for (const connector of station.connectors) {
    connector.defaultsVerified = false
    connector.liveVerified = false
    // Who works on its wiring cuts its supply.
    connector.isSeenThere = false
    connector.restored = undefined
    connector.restoredMs = undefined
    // Whether the fail-safe is still there is looked at once, and only where nothing was written since the restart.
    const isTelling = connector.survived !== true && !station.wroteBlind
    connector.surveyA = isTelling ? connector.failSafe?.valueA : undefined
    connector.failSafe = undefined
    connector.idle = []
    recordRestart(state, connector, station, now)
  }
  heard(station)
  station.clockOffsetsMs = []
  station.clockProven = false
  station.clockDoubt = undefined
  station.planFault = undefined
  startSetup(state, station, {
    now,
    delayMs: kind === 'lay' ? 0 : waitsForMs(station),
    cause: 'set-up',
    kind,
  })
}

/** The station's own limits hold instead of its model file's; profiles made by others are laid anew. */
export function configured(
  state: ControlState,
  station: StationControl,
  configuration: StationConfiguration,
  now: Now,
): void {
  station.configuration = configuration
  station.notices = configurationNotices(configuration, {
    id: station.id,
    connectorCount: station.connectors.length,
    affectsLimits: station.model.affectsLimits,
  })
  const file = state.site.models.get(station.config.device)
  if (file === undefined) return
  const model = withReportedLimits(file, configuration)
  const { setup } = station
  if (sameLimits(model, station.model)) {
    hasWaited(state, station, now)
    return
  }
  station.model = model
  for (const connector of station.connectors) connector.model = model
  const isWaitingForBoot = setup?.cause === 'reconnect' && setup.steps === undefined
  const delayMs = isWaitingForBoot ? Math.max(0, setup.notBeforeMs - now.monoMs) : waitsForMs(station)
  const kind = setup?.steps === undefined ? (setup?.kind ?? 'all') : 'all'
  if (station.connected) startSetup(state, station, { now, delayMs, cause: setup?.cause ?? 'set-up', kind })
}
