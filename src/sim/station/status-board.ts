/**
 * Which status each connector of a simulated station has told, and StatusNotification for what is new: the state of
 * now only, never one that has passed while offline (OCPP 1.6 §4.9). Must not know how a status comes about.
 */
import type { WireOutcome } from '../framing.js'

export interface ShownStatus {
  readonly status: string
  readonly errorCode: string
}

export interface StatusBoardDeps {
  /** Connector 0 = the station as a whole. */
  statusOf(connectorId: number): ShownStatus
  isOnline(): boolean
  /** The station's own clock, ms. */
  wallMs(): number
  send(action: string, payload: object, done: (outcome: WireOutcome) => void): void
}

export class StatusBoard {
  private readonly told = new Map<number, string>()

  constructor(private readonly deps: StatusBoardDeps) {}

  /** After a boot everything is told again (errata 3.22). */
  forget(): void {
    this.told.clear()
  }

  tellIfNew(connectorId: number): void {
    const { status, errorCode } = this.deps.statusOf(connectorId)
    if (this.told.get(connectorId) !== `${status} ${errorCode}`) this.tell(connectorId)
  }

  tell(connectorId: number): void {
    const { deps } = this
    if (!deps.isOnline()) return
    const { status, errorCode } = deps.statusOf(connectorId)
    this.told.set(connectorId, `${status} ${errorCode}`)
    const timestamp = new Date(deps.wallMs()).toISOString()
    deps.send('StatusNotification', { connectorId, status, errorCode, timestamp }, outcome => {
      // Lost with the line: told again when it is back.
      if (outcome.kind === 'closed') this.told.delete(connectorId)
    })
  }
}
