/**
 * Who one connector of a simulated station is kept for, and until when (OCPP 1.6 §5.2, §5.13). Survives a reboot. Must
 * not know cables or transactions.
 */
import type { Clock, Timer } from '../../ports.js'
import type { RequestOf } from './requests.js'

export type ReserveNow = RequestOf<'ReserveNow'>

export interface ReservationHost {
  readonly clock: Clock
  /** The station's own clock, ms since 1970. */
  wallMs(): number
  /** The reservation has gone. */
  ended(): void
}

export class Reservation {
  private request: ReserveNow | undefined
  private timer: Timer | undefined

  constructor(private readonly host: ReservationHost) {}

  current(): ReserveNow | undefined {
    return this.request
  }

  /** Takes the place of the one before. */
  keep(request: ReserveNow): void {
    this.request = request
    this.timer?.cancel()
    const leftMs = Math.max(0, Date.parse(request.expiryDate) - this.host.wallMs())
    this.timer = this.host.clock.after(leftMs, () => this.cancel(request.reservationId))
  }

  /** False when there is no such reservation here. */
  cancel(reservationId: number): boolean {
    if (this.request?.reservationId !== reservationId) return false
    this.request = undefined
    this.timer?.cancel()
    this.host.ended()
    return true
  }

  /** True without a reservation, for its tag, and for a tag of its group. */
  admits(idTag: string, parentIdTag: string | undefined): boolean {
    const { request } = this
    if (!request || request.idTag.toLowerCase() === idTag.toLowerCase()) return true
    return parentIdTag !== undefined && parentIdTag === request.parentIdTag
  }

  /** Whether a tag that is not the reserved one may turn out to be of its group. */
  hasGroup(): boolean {
    return this.request?.parentIdTag !== undefined
  }

  stop(): void {
    this.timer?.cancel()
  }
}
