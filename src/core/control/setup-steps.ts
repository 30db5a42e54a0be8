/**
 * What is done when a station connects or has restarted, and in which order (control rule 7): where nothing flows what is
 * not ours goes first, by few CALLs; where a car may charge the fail-safe and the live profile go first. A station that
 * was laid before is only read back. Data; sending is set-up's.
 */
import { foreignClears, STATION_CLEARS, sweepClears } from '../schedule/foreign-clears.js'
import type { ClearChargingProfileRequest } from '../schedule/profile-requests.js'
import { type ConnectorControl, isKnown } from './connector.js'
import {
  hasIdleProfile,
  isThere,
  type SetupKind,
  type SetupStep,
  type StationControl,
  topLevel,
} from './station.js'

export function setupSteps(station: StationControl, kind: SetupKind): readonly SetupStep[] {
  const there = station.connectors.filter(({ id }) => isThere(station, id))
  const of = (kind: 'idle' | 'fail-safe' | 'live' | 'verify', connectors = there): readonly SetupStep[] =>
    connectors.map(({ id }) => ({ kind, connectorId: id }))
  const surveyed = there.filter(
    ({ surveyA, transaction }) => surveyA !== undefined && transaction === undefined,
  )
  const survey = surveyed.map(({ id }): SetupStep => ({ kind: 'survey', connectorId: id }))
  const ours = [...of('fail-safe'), ...of('live'), ...(hasIdleProfile(station) ? of('idle') : [])]
  switch (kind) {
    case 'check':
      // Of the last run nobody knows how long its profile lasts; it is written anew before anything else.
      return [
        ...of(
          'live',
          there.filter(({ restored }) => restored !== undefined),
        ),
        ...of('verify'),
      ]
    case 'lay':
      return [...survey, ...ours, ...of('verify')]
    case 'sweep':
      return [
        ...survey,
        ...clears([...STATION_CLEARS, ...there.flatMap(({ id }) => sweepClears(id))]),
        ...ours,
        ...of('verify'),
      ]
    case 'all': {
      const quiet = there.filter(isQuiet)
      const busy = there.filter(connector => !isQuiet(connector))
      const first = busy.length === 0 ? STATION_CLEARS : []
      const last = busy.length === 0 ? [] : STATION_CLEARS
      return [
        ...survey,
        ...clears([...first, ...quiet.flatMap(({ id }) => sweepClears(id))]),
        ...ours,
        ...clears([
          ...last,
          ...busy.flatMap(({ id }) => foreignClears(id, topLevel(station.model), levels(station))),
        ]),
        ...of('verify'),
      ]
    }
  }
}

/** All of it was accepted and read back before, and nothing has changed since: what lies there need only be seen. */
export function isLaid(station: StationControl): boolean {
  return station.connectors.every(connector => {
    if (!isThere(station, connector.id)) return true
    const { failSafe, config, idle } = connector
    const isFloorRight = failSafe !== undefined && failSafe.valueA === config.failSafeCurrentA
    return isFloorRight && isKnown(connector) && (idle.length > 0 || !hasIdleProfile(station))
  })
}

/** The station says that no car is there: nothing that is taken away for a moment lets anything flow. */
function isQuiet({ transaction, status }: ConnectorControl): boolean {
  return transaction === undefined && status === 'Available'
}

function levels(station: StationControl): {
  readonly idleLevel: number | undefined
  readonly liveLevel: number
} {
  const idleLevel = hasIdleProfile(station) ? topLevel(station.model) : undefined
  return { idleLevel, liveLevel: idleLevel ?? 0 }
}

function clears(payloads: readonly ClearChargingProfileRequest[]): readonly SetupStep[] {
  return payloads.map(payload => ({ kind: 'clear', payload }))
}
