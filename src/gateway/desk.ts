/**
 * The smart-charging desk for the OCPP edge: asks the contract, keeps what changed durably, answers then. One writer per
 * station, so that two changes never start from the same state.
 */
import { type Answer, callError } from '../core/answer.js'
import { type ConnectorControl, pauseA } from '../core/control/connector.js'
import type { ControlState } from '../core/control/state.js'
import type { ContractSite, SmartChargingContract } from '../core/schedule/contract.js'
import type { ProfileStore } from '../core/schedule/profile-store.js'
import type { SmartChargingDesk } from '../ocpp/edge.js'
import type { Clock, Log } from '../ports.js'
import type { ControlStore } from '../store/control-store.js'

export interface DeskDeps {
  readonly ports: { readonly clock: Clock; readonly log: Log }
  readonly contract: SmartChargingContract
  readonly store: ControlStore
  /** The controller's state, once there is one. */
  state(): ControlState
  /** The contract of this station is another from now on. */
  changed(stationId: string): void
}

/** What Busbar lets a connector draw now. */
const offeredA = (connector: ConnectorControl): number =>
  connector.transaction === undefined ? pauseA(connector) : connector.offerA

const UNKNOWN_STATION = callError('GenericError', 'station is not configured here')

export function createDesk(
  deps: DeskDeps,
): SmartChargingDesk & { keep(stationId: string, store: ProfileStore): Promise<boolean> } {
  const { contract } = deps
  const site = (): ContractSite => ({
    nowWallMs: deps.ports.clock.wallMs(),
    nominalVoltageV: deps.state().site.config.site.nominalVoltageV,
  })
  const keep = async (stationId: string, store: ProfileStore): Promise<boolean> => {
    contract.keep(stationId, store)
    deps.changed(stationId)
    try {
      await deps.store.keepContract(stationId, store)
      return true
    } catch (error) {
      deps.ports.log.write('error', 'contract not written', { station: stationId, fault: String(error) })
      return false
    }
  }
  const settle = async (
    stationId: string,
    step: { readonly answer: Answer; readonly store?: ProfileStore },
  ): Promise<Answer> => {
    if (step.store === undefined || (await keep(stationId, step.store))) return step.answer
    return callError('InternalError', 'could not be kept')
  }
  return {
    keep,
    setChargingProfile: async (stationId, payload) => {
      const station = deps.state().stations.get(stationId)
      return station === undefined
        ? UNKNOWN_STATION
        : settle(stationId, contract.set(station, payload, site()))
    },
    clearChargingProfile: async (stationId, payload) => {
      const station = deps.state().stations.get(stationId)
      return station === undefined ? UNKNOWN_STATION : settle(stationId, contract.clear(station, payload))
    },
    getCompositeSchedule: async (stationId, payload) => {
      const station = deps.state().stations.get(stationId)
      if (station === undefined) return UNKNOWN_STATION
      const { config } = deps.state().site
      const localLimitA =
        config.csms?.compositeShowsLocalLimit === true ? station.connectors.map(offeredA) : undefined
      return contract.composite(station, payload, {
        ...site(),
        ...(localLimitA !== undefined && { localLimitA }),
      })
    },
    isHandedOver: stationId => deps.state().stations.get(stationId)?.release === 'done',
    offerRemoteStartProfile: async (stationId, idTag, connectorId, profile) => {
      const station = deps.state().stations.get(stationId)
      if (station === undefined) return UNKNOWN_STATION
      const offered = contract.offerRemoteStart(station, { idTag, connectorId, profile }, site())
      if (offered.store === undefined || (await keep(stationId, offered.store))) return offered.answer
      return callError('InternalError', 'could not be kept')
    },
    dropRemoteStartProfile: (stationId, idTag) => {
      // Memory first; a drop lost in a power cut only leaves a pending profile that times out by itself.
      void keep(stationId, contract.dropRemoteStart(stationId, idTag))
    },
  }
}
