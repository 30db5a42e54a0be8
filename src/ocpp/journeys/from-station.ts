/**
 * Journey of a CALL from the station: up to the CSMS at once, its answer back byte for byte; while nobody is there,
 * answered here by `policy/from-station`. Transaction messages take the queue. Proxy rules 1-5, 8-10, 13.
 */
import { type Answer, type CallOutcome, callError, result } from '../../core/answer.js'
import { integerAt, textAt, timeAt } from '../../core/fields.js'
import { FROM_STATION } from '../../core/policy/from-station.js'
import { type StatusNotice, statusNoticeOf } from '../../core/station/status-memory.js'
import { mayBeKept } from '../../core/station/vendor-data.js'
import type { Timer } from '../../ports.js'
import type { Reply, SessionParts } from '../session-parts.js'
import { Observer } from '../station/observe.js'
import type { TransactionQueue } from '../transactions/queue.js'
import { Damper, type Pace } from '../wire/damper.js'
import { Deadlines } from '../wire/deadlines.js'
import type { IncomingCall } from '../wire/leg.js'
import { isoTime, parsePayload } from '../wire/payload.js'
import { checkCall } from '../wire/schemas.js'
import { replaceAt } from '../wire/splice.js'
import { CSMS_SLOT_MS } from '../wire/waits.js'
import { answerHere, type StationMessage } from './answers-here.js'
import type { Boot } from './boot.js'

/** A station being set up boots a few times; more is a fault of it, or somebody's game. */
const BOOTS: Pace = { burst: 20, everyMs: 30_000 }
/** A station does not wait for its answer for ever. */
const MAX_BOOT_DELAY_MS = 10_000
/** How far the CSMS's clock may be from ours before the station is given ours (control rule 6). */
const CLOCK_TOLERANCE_MS = 2_000
const NOTHING = result({})
const OUR_FAULT = callError('InternalError', 'could not be processed')
const NOT_ACCEPTED_YET = callError('SecurityError', 'BootNotification is not accepted yet')
/** One CALL of the station on its way; answered once. */
interface Passing extends StationMessage {
  readonly notice: StatusNotice | undefined
  reply: Reply | undefined
  timer: Timer | undefined
}

export class FromStation {
  readonly #parts: SessionParts
  readonly #queue: TransactionQueue
  readonly #observer: Observer
  readonly #boot: Boot
  readonly #onMissed: () => void
  /** Waiting for the first attempt to reach the CSMS. */
  readonly #held: Passing[] = []
  readonly #live = new Set<Passing>()
  readonly #deadlines: Deadlines
  readonly #boots: Damper
  #slowed: Timer | undefined
  /** The CALL of a station nobody has let in yet; it sends one at a time. */
  #unproven: (() => void) | undefined

  /** `onMissed`: the CSMS never answered a CALL that was answered here; it may still be owed. */
  constructor(parts: SessionParts, boot: Boot, queue: TransactionQueue, onMissed: () => void) {
    this.#parts = parts
    this.#deadlines = new Deadlines(parts.ports.clock)
    this.#boots = new Damper(parts.ports.clock, BOOTS)
    this.#queue = queue
    this.#boot = boot
    this.#onMissed = onMissed
    this.#observer = new Observer(parts.stationId, event => parts.on(event))
  }
}

function connectorIdOf(payload: unknown): number {
  return integerAt(payload, 'connectorId') ?? 0
}
