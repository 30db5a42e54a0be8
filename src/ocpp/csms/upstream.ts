/**
 * The way to the CSMS as one station's session sees it: is anybody there? *Away* is no open socket, or two timeouts
 * in a row; any answer ends it. While away over an open socket one Heartbeat at a time asks whether it is back.
 * Proxy rules 5, 8, 13.
 */
import type { CallOutcome } from '../../core/answer.js'
import type { CsmsLinkStatus, TryOutcome, UpstreamState } from '../../core/events.js'
import type { Clock, Timer } from '../../ports.js'
import type { IncomingCall, Leg, OutgoingCall } from '../wire/leg.js'
import { CSMS_SLOT_MS } from '../wire/waits.js'
import type { LinkFault } from './link-fault.js'

/** Two timeouts in a row: one may be a lost frame. */
const AWAY_AFTER_TIMEOUTS = 2
const PROBE_EVERY_MS = 30_000

export interface LinkHandlers {
  open(leg: Leg): void
  closed(): void
  call(call: IncomingCall): void
  /** An attempt to open came to nothing. */
  failed(fault: LinkFault): void
}

/** A socket to the CSMS that dials again by itself until it is stopped. `start` also cuts a wait short. */
export interface Link {
  start(): void
  stop(): void
  status(): CsmsLinkStatus
}

/** Whose connection it is, as the CSMS is told. */
export interface Credentials {
  /** The Authorization header. */
  readonly authorization: string | undefined
  /** The Busbars the station itself has come through. */
  readonly through: string | undefined
}

export interface UpstreamOptions {
  readonly clock: Clock
  /** Undefined: no csms is configured. */
  readonly openLink: ((credentials: Credentials, handlers: LinkHandlers) => Link) | undefined
  /** Messages may go up now: boot, statuses and backlog first. */
  onOpen(): void
  /** Nobody answers: whoever waits is answered here. */
  onAway(): void
  /** The CSMS is there and does not want this station (proxy rule 8); told before `onAway`. */
  onRefused(): void
  onState(state: UpstreamState): void
  onCall(call: IncomingCall, leg: Leg): void
}

export class Upstream {
  readonly #options: UpstreamOptions
  #link: Link | undefined
  #credentials: Credentials | undefined
  #leg: Leg | undefined
  #timeouts = 0
  #hopeful = false
  #bootGate = false
  #probe: Timer | undefined
  #told: UpstreamState | undefined
  /** Of what `status` says where the link itself does not know: idle, or open and silent. */
  #sinceWallMs: number

  constructor(options: UpstreamOptions) {
    this.#options = options
    this.#sinceWallMs = options.clock.wallMs()
  }

  get state(): UpstreamState {
    if (this.#options.openLink === undefined) return 'none'
    return this.#leg !== undefined && this.#timeouts < AWAY_AFTER_TIMEOUTS ? 'open' : 'away'
  }

  status(): CsmsLinkStatus {
    const sinceWallMs = this.#sinceWallMs
    if (this.#options.openLink === undefined) return { state: 'none', sinceWallMs }
    if (this.#link === undefined) return { state: 'idle', sinceWallMs }
    if (this.#leg === undefined || this.#timeouts < AWAY_AFTER_TIMEOUTS) return this.#link.status()
    return { state: 'silent', reason: 'silent', detail: 'CALLs are not answered', sinceWallMs }
  }

  /** The next attempt now; over an open socket that is silent, the question whether anybody is there. */
  tryNow(): TryOutcome {
    if (this.#options.openLink === undefined) return 'none'
    if (this.#link === undefined) return 'idle'
    if (this.state === 'open') return 'open'
    if (this.#leg === undefined) this.#link.start()
    else this.#askIfThere()
    return 'trying'
  }

  /** Live messages may be forwarded. */
  get usable(): boolean {
    return this.state === 'open' && !this.#bootGate
  }

  /** The first attempt to open is still under way: frames are kept (proxy rule 5). */
  get hopeful(): boolean {
    return this.#hopeful
  }

  get leg(): Leg | undefined {
    return this.#leg
  }

  get started(): boolean {
    return this.#link !== undefined
  }

  get bootGate(): boolean {
    return this.#bootGate
  }

  /** Nothing but the boot goes up until the CSMS has accepted it. */
  holdForBoot(held: boolean): void {
    this.#bootGate = held
  }

  /** Dials, and dials again with these credentials if it was open with others. */
  connect(credentials: Credentials): void {
    const { openLink } = this.#options
    if (openLink === undefined) return
    if (this.#link !== undefined) {
      if (isSame(this.#credentials, credentials)) {
        this.#hopeful = this.#leg === undefined
        this.#link.start()
        return
      }
      this.disconnect()
    }
    this.#credentials = credentials
    this.#hopeful = true
    const link: Link = openLink(credentials, {
      open: leg => {
        if (this.#link === link) this.#opened(leg)
      },
      closed: () => {
        if (this.#link === link) this.#closed()
      },
      failed: fault => {
        if (this.#link !== link) return
        if (isRefusal(fault)) this.#options.onRefused()
        // whoever is refused has perhaps ended the link
        if (this.#link === link) this.#closed()
      },
      call: call => {
        if (this.#link === link && this.#leg !== undefined) this.#options.onCall(call, this.#leg)
      },
    })
    this.#link = link
    link.start()
  }

  /** Dials anew, for what it shows has changed. */
  redial(authorization = this.#credentials?.authorization): void {
    const credentials = this.#credentials
    if (this.#link === undefined || credentials === undefined) return
    this.disconnect()
    this.connect({ ...credentials, authorization })
  }

  /** Closes the socket and stops dialling. Outstanding CALLs end as `closed`. */
  disconnect(): void {
    const link = this.#link
    if (link === undefined) return
    this.#closed()
    this.#link = undefined
    this.#sinceWallMs = this.#options.clock.wallMs()
    link.stop()
    this.#tell()
  }

  /** Sends one CALL. Any answer ends an away; `done` runs before what an answer sets free. */
  send(call: OutgoingCall, done: (outcome: CallOutcome) => void): void {
    const leg = this.#leg
    if (leg === undefined) {
      done({ kind: 'closed' })
      return
    }
    const { late } = call
    const withLate: OutgoingCall = {
      ...call,
      ...(late !== undefined && {
        late: answer => {
          late(answer)
          if (this.#leg === leg) this.#answered()
        },
      }),
    }
    leg.call(withLate, outcome => {
      done(outcome)
      if (this.#leg === leg && (outcome.kind === 'result' || outcome.kind === 'error')) this.#answered()
    })
  }

  /** Somebody was not answered within `csmsTimeoutMs`. */
  noteTimeout(): void {
    this.#timeouts++
    this.#hopeful = false
    if (this.#timeouts === AWAY_AFTER_TIMEOUTS && this.#leg !== undefined) this.#wentAway()
  }

  #opened(leg: Leg): void {
    this.#leg = leg
    this.#timeouts = 0
    this.#hopeful = false
    this.#bootGate = false
    this.#tell()
    this.#options.onOpen()
  }

  #closed(): void {
    const wasWaitedFor = this.#leg !== undefined || this.#hopeful
    this.#leg = undefined
    this.#hopeful = false
    this.#bootGate = false
    this.#timeouts = 0
    this.#probe?.cancel()
    this.#probe = undefined
    this.#tell()
    if (wasWaitedFor) this.#options.onAway()
  }

  #answered(): void {
    const wasAway = this.#timeouts >= AWAY_AFTER_TIMEOUTS
    this.#timeouts = 0
    if (!wasAway) return
    this.#probe?.cancel()
    this.#probe = undefined
    this.#tell()
    this.#options.onOpen()
  }

  #wentAway(): void {
    this.#tell()
    this.#probe?.cancel()
    this.#sinceWallMs = this.#options.clock.wallMs()
    this.#probe = this.#options.clock.every(PROBE_EVERY_MS, () => this.#askIfThere())
    this.#options.onAway()
  }

  #askIfThere(): void {
    if (this.#leg === undefined || this.#leg.pending() > 0) return
    this.send({ action: 'Heartbeat', payloadText: '{}', timeoutMs: CSMS_SLOT_MS }, () => {})
  }

  #tell(): void {
    const state = this.state
    if (state === this.#told) return
    this.#told = state
    this.#options.onState(state)
  }
}

function isSame(a: Credentials | undefined, b: Credentials): boolean {
  return a?.authorization === b.authorization && a?.through === b.through
}

function isRefusal({ shown }: LinkFault): boolean {
  return shown.reason === 'unauthorized' || shown.reason === 'forbidden'
}
