/**
 * Every frame of one station's two legs as text, at the station's end and at the CSMS's, and what a pass-through may
 * not do to them (proxy rules 1-5; seed 002 Appendix D). Knows no case.
 */

import { KNOWN_ACTIONS } from '../../../src/ocpp/wire/schemas.js'
import type { Network, Socket, SocketHandlers } from '../../../src/ports.js'
import { MAX_EVIDENCE, MAX_EVIDENCE_CHARS } from '../case.js'
import { callFault, type Fields, resultFault, text } from '../check.js'

export type End = 'station' | 'csms'

export interface Frame {
  readonly end: End
  /** `in`: from Busbar to that end. */
  readonly way: 'in' | 'out'
  readonly connection: number
  readonly atMs: number
  readonly kind: 'call' | 'result' | 'error'
  readonly id: string
  /** Of the CALL; of an answer the action it answers. */
  readonly action: string
  readonly payloadText: string
  readonly payload: Fields
}

/** What Busbar may say to a station by itself. */
const OWN: ReadonlySet<string> = new Set([
  'SetChargingProfile',
  'ClearChargingProfile',
  'GetCompositeSchedule',
  'GetConfiguration',
  'ChangeConfiguration',
])
const OWN_KEYS = /"key":"(MeterValueSampleInterval|MeterValuesSampledData|WebSocketPingInterval)"/
/** Answered by Busbar for the station: the contract (control rule 8). */
const CONTRACT: ReadonlySet<string> = new Set([
  'SetChargingProfile',
  'ClearChargingProfile',
  'GetCompositeSchedule',
])

export class FrameLog {
  readonly frames: Frame[] = []
  readonly #actions = new Map<string, string>()
  readonly #nowMs: () => number
  #connections = 0
  #stationSocket: Socket | undefined
  /** Changes a frame that leaves Busbar before the other end reads it: proof that the checks can fail. */
  tamper: ((frame: string, end: End) => readonly string[]) | undefined

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** The station's network, heard. */
  dialling(network: Network): Network {
    return {
      listen: (options, onUpgrade) => network.listen(options, onUpgrade),
      dial: (target, handlers, done) => {
        const connection = this.#connections++
        return network.dial(target, this.#handlers(handlers, 'station', connection), outcome =>
          done(
            outcome.kind === 'open'
              ? { ...outcome, socket: this.#dialled(outcome.socket, connection) }
              : outcome,
          ),
        )
      },
    }
  }

  /** A frame in the station's name that the simulated station itself would never send. */
  sayAsStation(frame: string): void {
    this.#stationSocket?.sendText(frame)
  }

  /** The last frames of both ends, for a reader. */
  evidence(): readonly string[] {
    return this.frames.slice(-MAX_EVIDENCE).map(({ end, way, kind, id, action, payloadText, atMs }) => {
      const to = way === 'in' ? `Busbar -> ${end}` : `${end} -> Busbar`
      const what = kind === 'call' ? action : `${kind} of ${action}`
      return `${(atMs / 1000).toFixed(3)} s ${to} ${id} ${what} ${payloadText}`.slice(0, MAX_EVIDENCE_CHARS)
    })
  }

  #dialled(socket: Socket, connection: number): Socket {
    const heard = this.#socket(socket, 'station', connection)
    this.#stationSocket = heard
    return heard
  }

  /** The CSMS's network, heard. */
  listening(network: Network): Network {
    return {
      dial: (target, handlers, done) => network.dial(target, handlers, done),
      listen: (options, onUpgrade) =>
        network.listen(options, request =>
          onUpgrade({
            rawPath: request.rawPath,
            repeatedHeaders: request.repeatedHeaders,
            headers: request.headers,
            remote: request.remote,
            reject: (...why) => request.reject(...why),
            accept: (protocol, handlers) => {
              const connection = this.#connections++
              const socket = request.accept(protocol, this.#handlers(handlers, 'csms', connection))
              return socket && this.#socket(socket, 'csms', connection)
            },
          }),
        ),
    }
  }

  #handlers(handlers: SocketHandlers, end: End, connection: number): SocketHandlers {
    return {
      text: frame => {
        for (const one of this.tamper?.(frame, end) ?? [frame]) {
          this.#note(one, { end, way: 'in', connection })
          handlers.text(one)
        }
      },
      binary: () => handlers.binary(),
      ping: () => handlers.ping(),
      pong: () => handlers.pong(),
      closed: (code, reason) => handlers.closed(code, reason),
    }
  }

  #socket(socket: Socket, end: End, connection: number): Socket {
    return new Proxy(socket, {
      get: (target, name) => {
        if (name !== 'sendText') {
          const value: unknown = Reflect.get(target, name)
          return typeof value === 'function' ? value.bind(target) : value
        }
        return (frame: string) => {
          this.#note(frame, { end, way: 'out', connection })
          return target.sendText(frame)
        }
      },
    })
  }

  #note(frame: string, place: Pick<Frame, 'end' | 'way' | 'connection'>): void {
    const at = { ...place, atMs: this.#nowMs() }
    const parts: Fields = JSON.parse(frame)
    const id = String(parts[1])
    const other = at.way === 'in' ? 'out' : 'in'
    if (parts[0] === 2) {
      const action = String(parts[2])
      this.#actions.set(`${at.connection} ${at.way} ${id}`, action)
      this.frames.push({
        ...at,
        kind: 'call',
        id,
        action,
        payload: parts[3],
        payloadText: payloadOf(frame, 3),
      })
      return
    }
    const action = this.#actions.get(`${at.connection} ${other} ${id}`) ?? '?'
    const kind = parts[0] === 3 ? 'result' : 'error'
    this.frames.push({ ...at, kind, id, action, payload: parts[2], payloadText: payloadOf(frame, 2) })
  }
}

/** The text behind the first `skip` elements: our own peers write no spaces between them. */
function payloadOf(frame: string, skip: number): string {
  let at = 1
  for (let element = 0; element < skip; element++)
    at += JSON.stringify(JSON.parse(`[${frame.slice(at).split(',')[0]}]`)[0]).length + 1
  return frame.slice(at, -1)
}

export interface CheckOptions {
  /** The CSMS was away meanwhile: what was kept may come later, with other transaction ids. */
  readonly hadOutage: boolean
  /** The CSMS drives the station (proxy rule 19): profiles pass too, and Busbar writes none and sets no key. */
  readonly isDriven?: boolean
  /** When the frames were looked at: what was answered just before may still be on its way. */
  readonly endMs?: number
}

/** Both legs of the worst line. */
const ON_ITS_WAY_MS = 4_000

/** Every rule that was broken, in words; empty when the pass-through was one. */
export function faultsOf(frames: readonly Frame[], options: CheckOptions): readonly string[] {
  return [
    ...upwardFaults(frames, options),
    ...downwardFaults(frames, options),
    ...answerFaults(frames, options),
    ...slotFaults(frames),
    ...duplicateStatuses(frames),
    ...schemaFaults(frames),
  ]
}

const calls = (frames: readonly Frame[], end: End, way: Frame['way']): readonly Frame[] =>
  frames.filter(frame => frame.end === end && frame.way === way && frame.kind === 'call')

/** The CSMS sees nothing the station did not send, as it was sent, in that order. */
function upwardFaults(frames: readonly Frame[], { hadOutage }: CheckOptions): readonly string[] {
  const sent = [...calls(frames, 'station', 'out')]
  const faults: string[] = []
  let from = 0
  for (const seen of calls(frames, 'csms', 'in')) {
    const same = (one: Frame): boolean =>
      one.action === seen.action && plain(one.payloadText, hadOutage) === plain(seen.payloadText, hadOutage)
    const at = sent.findIndex((one, index) => (hadOutage || index >= from) && same(one))
    if (at < 0) {
      // a lost line makes Busbar send again what was never answered
      if (!hadOutage || !calls(frames, 'station', 'out').some(same))
        faults.push(`the CSMS got ${seen.action} ${seen.payloadText}, which the station did not send then`)
      continue
    }
    sent.splice(at, 1)
    from = at
  }
  const kept = sent.filter(({ action }) => action !== 'MeterValues' && action !== 'Heartbeat')
  if (!hadOutage)
    for (const lost of kept) faults.push(`the CSMS never got ${lost.action} ${lost.payloadText}`)
  return faults
}

/** The station gets what the CSMS sent, as it was sent, in that order; else only what Busbar may say. */
function downwardFaults(
  frames: readonly Frame[],
  { hadOutage, isDriven = false }: CheckOptions,
): readonly string[] {
  const sent = [...calls(frames, 'csms', 'out')].filter(({ action }) => isDriven || !CONTRACT.has(action))
  const asSent = (text: string): string => (isDriven ? text : cut(text))
  const faults: string[] = []
  for (const got of calls(frames, 'station', 'in')) {
    const same = (one: Frame): boolean =>
      one.action === got.action &&
      plain(asSent(one.payloadText), hadOutage) === plain(got.payloadText, hadOutage)
    const at = sent.findIndex(same)
    if (at >= 0) sent.splice(0, at + 1)
    else if (isDriven ? !isQuestion(got) : !isOwn(got, hadOutage))
      faults.push(`the station got ${got.action} ${got.payloadText}, which nobody sent`)
  }
  return faults
}

/** What Busbar may ask a station that is driven from elsewhere. */
function isQuestion({ action, payloadText }: Frame): boolean {
  return action === 'GetConfiguration' && payloadText === '{}'
}

/** Who it is, what it draws, and by its time how its clock goes: the answers stay with Busbar. */
const ASKED = /^\{"requestedMessage":"(BootNotification|MeterValues|StatusNotification)"/

function isOwn({ action, payloadText }: Frame, hadOutage: boolean): boolean {
  // a session whose tag was refused only after the outage is stopped by Busbar (facts §4.3)
  if (action === 'RemoteStopTransaction') return hadOutage
  if (action === 'TriggerMessage') return ASKED.test(payloadText)
  if (action === 'GetConfiguration') return payloadText === '{}'
  return OWN.has(action) && (action !== 'ChangeConfiguration' || OWN_KEYS.test(payloadText))
}

/** What one end answers is what the other reads. */
function answerFaults(
  frames: readonly Frame[],
  { hadOutage, isDriven = false, endMs = Number.POSITIVE_INFINITY }: CheckOptions,
): readonly string[] {
  const faults: string[] = []
  for (const [asked, answered] of [
    ['station', 'csms'],
    ['csms', 'station'],
  ] as const) {
    const read = frames.filter(({ end, way, kind }) => end === asked && way === 'in' && kind !== 'call')
    for (const answer of frames.filter(
      ({ end, way, kind, atMs }) =>
        end === answered && way === 'out' && kind !== 'call' && atMs < endMs - ON_ITS_WAY_MS,
    )) {
      const isOfBusbar =
        answered === 'station' &&
        (isDriven
          ? answer.action === 'GetConfiguration'
          : OWN.has(answer.action) || answer.action === 'TriggerMessage')
      const at = read.findIndex(
        one =>
          one.action === answer.action &&
          one.kind === answer.kind &&
          plain(timeless(one.payloadText), hadOutage) === plain(timeless(answer.payloadText), hadOutage),
      )
      if (at >= 0) read.splice(at, 1)
      else if (!isOfBusbar && !hadOutage)
        faults.push(`the ${answered}'s answer to ${answer.action} never came: ${answer.payloadText}`)
    }
  }
  return faults
}

/** Nobody gives an answer up sooner: Busbar's own CALLs to a station (control rule 13). */
const LEAST_TIMEOUT_MS = 4_900

/** One CALL at a time on each leg and way (OCPP-J §4.1.1). */
function slotFaults(frames: readonly Frame[]): readonly string[] {
  const faults: string[] = []
  const open = new Map<string, Frame>()
  for (const frame of frames) {
    const { connection, end, way, kind } = frame
    if (kind === 'call') {
      const slot = `${connection} ${way}`
      const before = open.get(slot)
      if (before !== undefined && frame.atMs - before.atMs < LEAST_TIMEOUT_MS)
        faults.push(`${frame.action} on the way while ${before.action} was open (${end}, ${way})`)
      open.set(slot, frame)
    } else open.delete(`${connection} ${way === 'in' ? 'out' : 'in'}`)
  }
  return faults
}

/** Appendix D: never the same connectorId, status, errorCode and info twice in a row, unless booted or asked. */
function duplicateStatuses(frames: readonly Frame[]): readonly string[] {
  const faults: string[] = []
  const last = new Map<number, string>()
  for (const { end, way, kind, action, payload } of frames) {
    if (end !== 'csms' || kind !== 'call') continue
    const isAsked =
      way === 'out' && /Trigger/.test(action) && payload.requestedMessage === 'StatusNotification'
    if (isAsked || action === 'BootNotification') last.clear()
    if (way !== 'in' || action !== 'StatusNotification') continue
    const { connectorId, status, errorCode, info } = payload
    const state = text([status, errorCode, info])
    if (last.get(connectorId) === state)
      faults.push(`the CSMS got ${state} twice for connector ${connectorId}`)
    last.set(connectorId, state)
  }
  return faults
}

function schemaFaults(frames: readonly Frame[]): readonly string[] {
  return frames.flatMap(({ kind, action, payload }) => {
    // what nobody knows has no schema
    if (kind === 'error' || !KNOWN_ACTIONS.has(action)) return []
    // a list where the standard has text: so its vendor wants it (seed 001, 4.4.3.1)
    if (action === 'DataTransfer' && payload.messageId === 'SilentModeSchedule') return []
    const fault = kind === 'call' ? callFault(action, payload) : resultFault(action, payload)
    return fault === undefined ? [] : [fault]
  })
}

/** With ids the two sides may know differently, and reasons rewritten after a late refusal, taken out. */
function plain(payloadText: string, hadOutage: boolean): string {
  if (!hadOutage) return payloadText
  return payloadText
    .replace(/"transactionId":-?\d+/, '"transactionId":0')
    .replace(/"reason":"(Remote|DeAuthorized)"/, '"reason":""')
}

const cut = (payloadText: string): string => payloadText.replace(/,?"chargingProfile":\{.*\}(?=\})/, '')
const timeless = (payloadText: string): string =>
  payloadText.replace(/"currentTime":"[^"]*"/, '"currentTime":""')
