/**
 * A station that costs the load process little: boots, reports its status, answers profile CALLs at once and remembers
 * the limit it was last told, so that what Busbar reads back agrees. Its car takes all of that on three phases, some
 * seconds later, and the station tells so.
 */
import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'
import { z } from 'zod'

const profileCall = z.object({
  csChargingProfiles: z.object({
    chargingProfilePurpose: z.string(),
    chargingSchedule: z.object({
      chargingSchedulePeriod: z.array(z.object({ limit: z.number() })).min(1),
    }),
  }),
})
const started = z.tuple([z.literal(3), z.string(), z.object({ transactionId: z.number() })])
const frame = z.tuple([z.literal(2), z.string(), z.string(), z.unknown()])
/** With the frame's head a CALL of about 300 bytes. */
const PADDING = 'x'.repeat(215)

export class QuickStation {
  /** Of the last TxProfile, A. */
  liveA: number | undefined
  /** What its car draws of each phase, A. */
  drawnA = 0
  /** By then it follows an offer. Cars that all followed in one moment would look like a meter whose ratio was changed. */
  reactionMs = 1_000
  /** Monotonic time of the last SetChargingProfile. */
  limitedMs = 0
  /** Told of each CALL that came. */
  onCall: (() => void) | undefined
  #transactionId: number | undefined
  #defaultA = 0
  #lastId = 0
  /** In the order of the CALLs: both relays keep it. */
  readonly #answered: ((text: string) => void)[] = []
  readonly #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('error', () => socket.terminate())
    socket.on('message', data => this.#receive(data.toString()))
  }

  static async connect(url: string, options: ClientOptions = {}): Promise<QuickStation> {
    const socket = new WebSocket(url, ['ocpp1.6'], { perMessageDeflate: false, ...options })
    const station = new QuickStation(socket)
    await once(socket, 'open')
    await station.ask('BootNotification', { chargePointVendor: 'bench', chargePointModel: 'quick' })
    await station.ask('StatusNotification', {
      connectorId: 1,
      errorCode: 'NoError',
      status: 'Available',
      timestamp: new Date().toISOString(),
    })
    return station
  }

  ask(action: string, payload: object): Promise<string> {
    return new Promise(resolve => {
      this.#answered.push(resolve)
      this.#lastId += 1
      this.#socket.send(JSON.stringify([2, `s${this.#lastId}`, action, payload]))
    })
  }

  /** One CALL of the measured kind; the next may follow from within `answered`. */
  pass(answered: () => void): void {
    this.#answered.push(answered)
    this.#lastId += 1
    this.#socket.send(
      `[2,"s${this.#lastId}","DataTransfer",{"vendorId":"bench","messageId":"sample","data":"${PADDING}"}]`,
    )
  }

  /** A car has plugged in and is authorised. */
  async startTransaction(): Promise<void> {
    const timestamp = new Date().toISOString()
    await this.ask('StatusNotification', {
      connectorId: 1,
      errorCode: 'NoError',
      status: 'Charging',
      timestamp,
    })
    const answer = await this.ask('StartTransaction', {
      connectorId: 1,
      idTag: 'BENCH',
      meterStart: 0,
      timestamp,
    })
    this.#transactionId = started.parse(JSON.parse(answer))[2].transactionId
  }

  /** Tells what its car draws, when there is one. */
  async sample(): Promise<void> {
    if (this.#transactionId === undefined) return
    const sampledValue = ['L1', 'L2', 'L3'].map(phase => ({
      value: this.drawnA.toFixed(1),
      measurand: 'Current.Import',
      unit: 'A',
      phase,
    }))
    await this.ask('MeterValues', {
      connectorId: 1,
      transactionId: this.#transactionId,
      meterValue: [{ timestamp: new Date().toISOString(), sampledValue }],
    })
  }

  close(): void {
    this.#socket.terminate()
  }

  #receive(text: string): void {
    if (text.charCodeAt(1) !== 0x32) {
      this.#answered.shift()?.(text)
      return
    }
    const [, id, action, payload] = frame.parse(JSON.parse(text))
    this.#socket.send(JSON.stringify([3, id, this.#answer(action, payload)]))
    this.onCall?.()
  }

  #follow(limitA: number): void {
    const isNews = limitA === this.liveA && limitA !== this.drawnA
    if (!isNews) return
    this.drawnA = limitA
    this.sample().catch(() => this.close())
  }

  #answer(action: string, payload: unknown): object {
    switch (action) {
      case 'SetChargingProfile': {
        const { csChargingProfiles } = profileCall.parse(payload)
        const limitA = csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0]?.limit ?? 0
        this.limitedMs = performance.now()
        if (csChargingProfiles.chargingProfilePurpose === 'TxProfile') {
          this.liveA = limitA
          setTimeout(() => this.#follow(limitA), this.reactionMs)
        } else this.#defaultA = limitA
        return { status: 'Accepted' }
      }
      case 'GetCompositeSchedule':
        return {
          status: 'Accepted',
          connectorId: 1,
          scheduleStart: new Date().toISOString(),
          chargingSchedule: {
            duration: 60,
            chargingRateUnit: 'A',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: this.liveA ?? this.#defaultA }],
          },
        }
      case 'ClearChargingProfile':
        return { status: 'Unknown' }
      default:
        return {}
    }
  }
}
