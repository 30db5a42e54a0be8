/**
 * A station that does exactly what a case says, as the test tool's does: sends the CALLs of the sequence, checks every
 * answer and every CALL it gets against the schemas, and answers what is not part of the case in a way that never
 * disturbs it. On any Clock and Network. Must not know which Central System is on the other side.
 */
import type { Clock, DialOutcome, Network, Socket } from '../../../src/ports.js'
import { Wire, type WireAnswer, type WireOutcome } from '../../../src/sim/framing.js'
import { MAX_EVIDENCE, MAX_EVIDENCE_CHARS } from '../case.js'
import { CaseFault, callFault, type Fields, resultFault } from '../check.js'
import { ProfileMemory, profileFault, type RunningTransaction } from './profile-memory.js'

export interface StationOptions {
  readonly ports: { readonly clock: Clock; readonly network: Network }
  /** Endpoint without the identity: "ws://busbar:9000/ocpp". */
  readonly url: string
  readonly id: string
  /** Basic authentication, sent when given; one character per octet. */
  readonly password?: string | undefined
  /** What reaches the station, as a mutated Central System would have sent it. */
  readonly tamper?: ((frame: string) => readonly string[]) | undefined
  /** A command nobody ordered is a fault; not so where others may give commands too. */
  readonly isAlone: boolean
}

/** Answers every CALL that matches until it ends, and remembers them. */
export interface Hearing {
  readonly heard: readonly Fields[]
  /** The first one that matches; rejects when none came in time. */
  first(limitMs: number): Promise<Fields>
  end(): void
}

export interface Rule {
  readonly action: string
  matches(payload: Fields): boolean
  /** `own`: as the station itself would answer. */
  readonly answer: WireAnswer | 'own'
}

/** PICS value of both certificates. */
const ANSWER_TIMEOUT_MS = 30_000
const ANSWER_AFTER_MS = 20
const DIAL_TIMEOUT_MS = 30_000
const MAX_FRAME_BYTES = 1_048_576
/** What Busbar, or any other, may read and set without disturbing a case. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ['HeartbeatInterval', '300'],
  ['ConnectionTimeOut', '30'],
  ['MeterValueSampleInterval', '60'],
  ['MeterValuesSampledData', 'Energy.Active.Import.Register'],
  ['NumberOfConnectors', '1'],
  [
    'SupportedFeatureProfiles',
    'Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger',
  ],
  ['WebSocketPingInterval', '0'],
])

export class ScriptedStation {
  /** What the Central System did wrong; a case with any fails. */
  readonly faults: string[] = []
  /** The last frames, for a reader. */
  readonly frames: string[] = []
  readonly profiles = new ProfileMemory()
  transaction: RunningTransaction | undefined
  /** Basic authentication of the next dials; one character per octet. */
  password: string | undefined
  /** Endpoint of the next dials. */
  url: string
  readonly #keys = new Map(KEYS)
  readonly #rules = new Set<{ readonly rule: Rule; hear(payload: Fields): void }>()
  #wire: Wire | undefined
  #connections = 0
  #unanswered = 0

  constructor(readonly options: StationOptions) {
    this.password = options.password
    this.url = options.url
  }

  get id(): string {
    return this.options.id
  }

  wallMs(): number {
    return this.options.ports.clock.wallMs()
  }

  /** ISO 8601 of now, or of so many ms ago. */
  timestamp(agoMs = 0): string {
    return new Date(this.wallMs() - agoMs).toISOString()
  }

  pause(durationMs: number): Promise<void> {
    return new Promise(resolve => this.options.ports.clock.after(durationMs, resolve))
  }

  /** Dials; throws when the Central System does not let it in. */
  async connect(): Promise<void> {
    const outcome = await this.dial(['ocpp1.6'])
    if (outcome.kind !== 'open') throw new CaseFault(`not let in: ${JSON.stringify(outcome)}`)
  }

  /** Dials with these sub-protocols and tells what came of it. */
  dial(protocols: readonly string[]): Promise<DialOutcome> {
    const { ports, id, tamper } = this.options
    const { password, url } = this
    const headers: Record<string, string> =
      password === undefined ? {} : { authorization: `Basic ${btoa(`${id}:${password}`)}` }
    this.#connections += 1
    const wire: Wire = new Wire(
      { clock: ports.clock, answerTimeoutMs: ANSWER_TIMEOUT_MS, idPrefix: `${this.#connections}.` },
      {
        call: (action, payload, reply) => this.#called(action, payload, reply),
        closed: () => {
          this.#unanswered = 0
        },
      },
    )
    const handlers = {
      ...wire.handlers,
      text: (frame: string) => {
        for (const one of tamper?.(frame) ?? [frame]) {
          this.#seen('to the station', one)
          wire.handlers.text(one)
        }
      },
    }
    return new Promise(resolve => {
      ports.network.dial(
        {
          url: `${url}/${id}`,
          protocols,
          headers,
          timeoutMs: DIAL_TIMEOUT_MS,
          maxFrameBytes: MAX_FRAME_BYTES,
        },
        handlers,
        outcome => {
          if (outcome.kind === 'open') {
            wire.attach(this.#heard(outcome.socket))
            this.#wire = wire
          }
          resolve(outcome)
        },
      )
    })
  }

  #heard(socket: Socket): Socket {
    return {
      sendText: frame => {
        this.#seen('from the station', frame)
        socket.sendText(frame)
      },
      ping: () => socket.ping(),
      close: (code, reason) => socket.close(code, reason),
      terminate: () => socket.terminate(),
      bufferedBytes: () => socket.bufferedBytes(),
      sentBytes: () => socket.sentBytes(),
      receivedBytes: () => socket.receivedBytes(),
    }
  }

  #seen(way: string, frame: string): void {
    const at = `${(this.options.ports.clock.monoMs() / 1000).toFixed(3)} s`
    this.frames.push(`${at} ${way} ${frame}`.slice(0, MAX_EVIDENCE_CHARS))
    if (this.frames.length > MAX_EVIDENCE) this.frames.shift()
  }

  /** Sends a CALL that no schema knows and gives what came of it. */
  odd(action: string, payload: object): Promise<WireOutcome> {
    return this.#send(action, payload)
  }

  /** Drops the line, as a power cut or a lost network does. */
  cut(): void {
    this.#wire?.terminate()
    this.#wire = undefined
  }

  /** Sends a CALL and gives the payload of its CALLRESULT; anything else, or one that breaks the schema, ends the case. */
  async call(action: string, payload: object): Promise<Fields> {
    const own = callFault(action, payload)
    if (own !== undefined) throw new CaseFault(`the case itself sends ${own}`)
    const outcome = await this.#send(action, payload)
    if (outcome.kind !== 'result') throw new CaseFault(`${action} ended as ${JSON.stringify(outcome)}`)
    const fault = resultFault(action, outcome.payload)
    if (fault !== undefined) throw new CaseFault(fault)
    return outcome.payload
  }

  /** From now on such a CALL is answered so, until the hearing ends. */
  hear(rule: Rule): Hearing {
    const heard: Fields[] = []
    const waiting: ((payload: Fields) => void)[] = []
    const entry = {
      rule,
      hear: (payload: Fields) => {
        heard.push(payload)
        for (const tell of waiting.splice(0)) tell(payload)
      },
    }
    this.#rules.add(entry)
    return {
      heard,
      first: limitMs =>
        new Promise((resolve, reject) => {
          const known = heard[0]
          if (known !== undefined) {
            resolve(known)
            return
          }
          const timer = this.options.ports.clock.after(limitMs, () =>
            reject(new CaseFault(`no ${rule.action} within ${limitMs / 1000} s`)),
          )
          waiting.push(payload => {
            timer.cancel()
            resolve(payload)
          })
        }),
      end: () => {
        this.#rules.delete(entry)
      },
    }
  }

  #send(action: string, payload: object): Promise<WireOutcome> {
    const wire = this.#wire
    if (wire === undefined) return Promise.resolve({ kind: 'closed' })
    return new Promise(resolve => wire.call(action, payload, resolve))
  }

  /** A station takes its time to answer: a second CALL meanwhile breaks OCPP-J 1.6 §4.1.1. */
  #called(action: string, payload: Fields, reply: (answer: WireAnswer) => void): void {
    if (this.#unanswered > 0) this.faults.push(`${action} came while an earlier CALL was unanswered`)
    this.#unanswered += 1
    this.options.ports.clock.after(ANSWER_AFTER_MS, () => {
      this.#unanswered = Math.max(0, this.#unanswered - 1)
      const fault = callFault(action, payload)
      if (fault !== undefined) {
        this.faults.push(fault)
        reply({ kind: 'error', code: 'FormationViolation', description: fault.slice(0, 255) })
        return
      }
      this.#answer(action, payload, reply)
    })
  }

  #answer(action: string, payload: Fields, reply: (answer: WireAnswer) => void): void {
    // Another's commands may be wrong on purpose (058); what Busbar itself sends may not.
    if (action === 'SetChargingProfile' && this.options.isAlone)
      this.#note(profileFault(payload, this.transaction))
    const found = [...this.#rules].findLast(({ rule }) => rule.action === action && rule.matches(payload))
    const given = found?.rule.answer ?? 'own'
    reply(given === 'own' ? this.#background(action, payload) : given)
    found?.hear(payload)
  }

  /** What no case asked for. */
  #background(action: string, payload: Fields): WireAnswer {
    switch (action) {
      case 'SetChargingProfile':
        return result({ status: this.profiles.set(payload, this.wallMs(), this.transaction) })
      case 'ClearChargingProfile':
        return result({ status: this.profiles.clear(payload) })
      case 'GetCompositeSchedule':
        return result(this.profiles.composite(payload, this.wallMs(), this.transaction))
      case 'GetConfiguration':
        return result(this.#configuration(payload.key))
      case 'ChangeConfiguration': {
        const isKnown = this.#keys.has(payload.key)
        if (isKnown) this.#keys.set(payload.key, payload.value)
        return result({ status: isKnown ? 'Accepted' : 'NotSupported' })
      }
      case 'TriggerMessage':
      case 'ExtendedTriggerMessage':
        return result({ status: 'Rejected' })
      default:
        if (this.options.isAlone) this.faults.push(`${action} came, and nobody ordered it`)
        return { kind: 'error', code: 'NotSupported', description: 'not part of this case' }
    }
  }

  #configuration(asked: readonly string[] | undefined): object {
    const keys = asked === undefined || asked.length === 0 ? [...this.#keys.keys()] : asked
    return {
      configurationKey: keys
        .filter(key => this.#keys.has(key))
        .map(key => ({ key, readonly: key === 'NumberOfConnectors', value: this.#keys.get(key) ?? '' })),
      unknownKey: keys.filter(key => !this.#keys.has(key)),
    }
  }

  #note(fault: string | undefined): void {
    if (fault !== undefined) this.faults.push(`SetChargingProfile: ${fault}`)
  }
}

function result(payload: object): WireAnswer {
  return { kind: 'result', payload }
}
