/**
 * What is done when a station connects or has restarted, and in which order (control rule 7): fail-safe and
 * live first, then what could overrule them, by few CALLs, then the read-back, and what lies below ours last. A station
 * that was laid before is only read back. Data; sending is set-up's.
 */
import { foreignClears, STATION_CLEARS, sweepClears } from '../schedule/foreign-clears.js'
import type { ClearChargingProfileRequest } from '../schedule/profile-requests.js'
import { type ConnectorControl, isKnown } from './connector.js'
import {
  hasIdleProfile,
  isThere,
  type Setup,
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
      // It may have lost what it held: a car that runs comes to its limit before anything is asked. What lies below its TxProfile
      // no question shows: it is laid anew, last, for a station may refuse that while it charges.
      return [...of('live'), ...of('verify'), ...of('fail-safe', there.filter(isHidden))]
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
      const levels = clears(there.flatMap(connector => ofLevels(station, connector)))
      // Below an idle and a live profile of ours on the highest level the rest has no say: it can wait for the read-back.
      const isMasked = hasIdleProfile(station)
      return [
        ...survey,
        ...ours,
        ...clears([
          ...STATION_CLEARS,
          ...quiet.map(({ id }) => ({ connectorId: id, chargingProfilePurpose: 'TxProfile' }) as const),
        ]),
        ...(isMasked ? [] : levels),
        ...of('verify'),
        ...(isMasked ? levels : []),
      ]
    }
  }
}

export function isOf(step: SetupStep, connectorIds: readonly number[]): boolean {
  return step.kind !== 'clear' && connectorIds.includes(step.connectorId)
}

/** The steps of a laying, of which what is still to come leaves out the connector. */
export function withoutConnector(
  setup: Setup | undefined,
  connectorId: number,
): readonly SetupStep[] | undefined {
  return setup?.steps?.filter((step, at) => at <= setup.at || !isOf(step, [connectorId]))
}

/** Everything that matters is laid and read back: what is left only tidies up. */
export function isTidying({ steps, at }: Setup): boolean {
  return steps?.slice(at).every(({ kind }) => kind === 'clear') === true
}

function ofLevels(
  station: StationControl,
  connector: ConnectorControl,
): readonly ClearChargingProfileRequest[] {
  const idleLevel = hasIdleProfile(station) ? topLevel(station.model) : undefined
  const all = foreignClears(connector.id, topLevel(station.model), { idleLevel, liveLevel: idleLevel ?? 0 })
  return isQuiet(connector)
    ? all.filter(({ chargingProfilePurpose }) => chargingProfilePurpose === 'TxDefaultProfile')
    : all
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

/** Below a TxProfile, and it was away since it was seen. */
function isHidden({ transaction, defaultsVerified }: ConnectorControl): boolean {
  return transaction !== undefined && !defaultsVerified
}

/** The station says that no car is there: no TxProfile of ours lies there. */
function isQuiet({ transaction, status }: ConnectorControl): boolean {
  return transaction === undefined && status === 'Available'
}

function clears(payloads: readonly ClearChargingProfileRequest[]): readonly SetupStep[] {
  return payloads.map(payload => ({ kind: 'clear', payload }))
}
