/**
 * The Modbus lines of a simulated world: devices by connection and unit id, each a function from a read and the time
 * to a reply, and the faults of real wiring. One world, all peers see the same lines.
 */
import type { Bus, BusConnection, BusLine, BusOpening, BusRead, BusReply } from '../../ports.js'
import type { SimPeer } from './peer.js'

/** What a meter answers; `nowMs` is the world's virtual time. */
export type SimDevice = (read: BusRead, nowMs: number) => BusReply

export type BusFault =
  | { readonly kind: 'none' }
  /** Answers nothing: reads time out. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'exception'; readonly code: number }
  /** Repeats its last reply to each read for ever. */
  | { readonly kind: 'frozen' }
  /** Another device at its address answers first; its own answer comes behind. */
  | { readonly kind: 'second answer'; readonly first: SimDevice }

/** Connecting and one read, each way and back together. */
const CONNECT_MS = 2
const REPLY_MS = 5
/** Different reads a device remembers for `frozen`; a meter has a few blocks. */
const REPLIES_KEPT = 256

interface Fitted {
  readonly device: SimDevice
  readonly lastReplies: Map<string, BusReply>
  fault: BusFault
}

/** How a connection is named here: "host:port" or the serial path. */
export function busKey(connection: BusConnection): string {
  return connection.kind === 'rtu' ? connection.path : `${connection.host}:${connection.port}`
}

export class SimBus {
  connectMs = CONNECT_MS
  replyMs = REPLY_MS
  readonly #lines = new Map<string, Map<number, Fitted>>()
  readonly #refused = new Set<string>()
  readonly #open = new Map<string, Set<SimBusLine>>()

  /** Fits a device to a line (key as `busKey` names it), in place of one with the same unit id. */
  fit(key: string, unitId: number, device: SimDevice): void {
    const units = this.#lines.get(key) ?? new Map<number, Fitted>()
    units.set(unitId, { device, lastReplies: new Map(), fault: { kind: 'none' } })
    this.#lines.set(key, units)
  }

  /** Puts a fault on a device that was fitted. */
  setFault(key: string, unitId: number, fault: BusFault): void {
    const fitted = this.#lines.get(key)?.get(unitId)
    if (fitted === undefined) throw new Error(`no device ${unitId} on ${key}`)
    fitted.fault = fault
  }

  /** While refused nothing connects; refusing also breaks the open lines. */
  setRefused(key: string, refused: boolean): void {
    if (!refused) {
      this.#refused.delete(key)
      return
    }
    this.#refused.add(key)
    for (const line of this.#open.get(key) ?? []) line.break()
    this.#open.delete(key)
  }

  /** The Bus door of one peer. */
  door(peer: SimPeer): Bus {
    return {
      connect: (connection, timeoutMs) =>
        new Promise(resolve => {
          const key = busKey(connection)
          peer.note(`bus.connect ${key}`)
          peer.clock.after(Math.min(this.connectMs, timeoutMs), () => {
            const opening = this.#openLine(key, peer, timeoutMs)
            peer.note(`bus.${opening.kind} ${key}`)
            resolve(opening)
          })
        }),
    }
  }

  /** The reply to one read now; undefined when nobody answers. */
  reply(key: string, read: BusRead, nowMs: number): BusReply | undefined {
    const fitted = this.#lines.get(key)?.get(read.unitId)
    if (fitted === undefined) return undefined
    const block = `${read.functionCode}/${read.address}/${read.count}`
    const { fault, lastReplies } = fitted
    switch (fault.kind) {
      case 'silent':
        return undefined
      case 'exception':
        return { kind: 'exception', code: fault.code }
      case 'frozen': {
        const last = lastReplies.get(block)
        if (last !== undefined) return last
        break
      }
      case 'second answer':
        return fault.first(read, nowMs)
      case 'none':
        break
    }
    const reply = fitted.device(read, nowMs)
    if (lastReplies.size < REPLIES_KEPT || lastReplies.has(block)) lastReplies.set(block, reply)
    return reply
  }

  /** Whether another answer comes behind the first. */
  hasSecond(key: string, unitId: number): boolean {
    return this.#lines.get(key)?.get(unitId)?.fault.kind === 'second answer'
  }

  /** The line was closed. */
  left(key: string, line: SimBusLine): void {
    this.#open.get(key)?.delete(line)
  }

  #openLine(key: string, peer: SimPeer, timeoutMs: number): BusOpening {
    if (this.connectMs > timeoutMs) return { kind: 'failed', detail: `no connection within ${timeoutMs} ms` }
    if (this.#refused.has(key) || !this.#lines.has(key))
      return { kind: 'failed', detail: `ECONNREFUSED ${key}` }
    const line = new SimBusLine(this, key, peer)
    const open = this.#open.get(key) ?? new Set()
    open.add(line)
    this.#open.set(key, open)
    return { kind: 'open', line }
  }
}

class SimBusLine implements BusLine {
  readonly #bus: SimBus
  readonly #key: string
  readonly #peer: SimPeer
  readonly #inFlight = new Set<(reply: BusReply) => void>()
  #state: 'open' | 'closed' | 'broken' = 'open'
  #strayAnswers = 0

  constructor(bus: SimBus, key: string, peer: SimPeer) {
    this.#bus = bus
    this.#key = key
    this.#peer = peer
  }

  read(request: BusRead): Promise<BusReply> {
    return new Promise(resolve => {
      if (this.#state !== 'open') {
        resolve({ kind: 'failed', detail: `line is ${this.#state}` })
        return
      }
      const what = `${this.#key} ${request.unitId} ${request.functionCode}/${request.address}/${request.count}`
      this.#peer.note(`bus.read ${what}`)
      const settle = (reply: BusReply) => {
        if (!this.#inFlight.delete(settle) || !this.#peer.on) return
        this.#peer.note(`bus.reply ${reply.kind === 'words' ? reply.words.join() : reply.kind}`)
        resolve(reply)
      }
      this.#inFlight.add(settle)
      const { replyMs } = this.#bus
      const inTime = replyMs <= request.timeoutMs
      this.#peer.clock.after(Math.min(replyMs, request.timeoutMs), () => {
        const reply = inTime ? this.#bus.reply(this.#key, request, this.#peer.time.nowMs) : undefined
        if (reply !== undefined) {
          settle(reply)
          if (this.#bus.hasSecond(this.#key, request.unitId))
            this.#peer.clock.after(replyMs, () => {
              this.#strayAnswers += 1
            })
        } else
          this.#peer.clock.after(Math.max(0, request.timeoutMs - replyMs), () => settle({ kind: 'timeout' }))
      })
    })
  }

  strayBytes(): number {
    return 0
  }

  strayAnswers(): number {
    return this.#strayAnswers
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#peer.note(`bus.close ${this.#key}`)
    this.#state = 'closed'
    this.#bus.left(this.#key, this)
    this.#fail('line is closed')
  }

  /** The far end is gone. */
  break(): void {
    this.#state = 'broken'
    this.#fail('ECONNRESET')
  }

  #fail(detail: string): void {
    for (const settle of [...this.#inFlight]) settle({ kind: 'failed', detail })
  }
}
