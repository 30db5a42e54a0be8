/**
 * Takes the oldest message to the CSMS, one at a time, and judges what came of it: delivered, refused for its content,
 * or to be tried again by time (proxy rules 8, 14, 15). Nothing that lies on the disk goes up while the disk is in doubt:
 * what could not be crossed off would go up again.
 */
import type { Answer, CallOutcome } from '../../core/answer.js'
import { GIVE_UP_AFTER_MS, isAboutContent, MAX_REFUSALS, retryDelayMs } from '../../core/offline/delivery.js'
import { SET_FROM_MS, unsetTimes } from '../../core/offline/unset-times.js'
import type { Timer } from '../../ports.js'
import type { SessionParts } from '../session-parts.js'
import { isoTime } from '../wire/payload.js'
import { replaceAt } from '../wire/splice.js'
import { CSMS_TRANSACTION_SLOT_MS } from '../wire/waits.js'
import type { AnsweredMessages } from './answered.js'
import type { TransactionEffects } from './effects.js'
import type { Letters } from './letters.js'
import { payloadForCsms } from './messages.js'
import { type QueueItem, release } from './queue-item.js'
import type { Shelf } from './shelf.js'

/** How soon a clock that was not set is looked at again. */
const CLOCK_LOOK_MS = 60_000

export interface DeliveryOptions {
  readonly parts: SessionParts
  readonly effects: TransactionEffects
  readonly shelf: Shelf
  readonly letters: Letters
  readonly answered: AnsweredMessages
  /** The CSMS will not answer in time: the station is told from here. */
  answerHere(item: QueueItem): void
  /** Nothing waits any more. */
  onEmpty(): void
}

export class Delivery {
  readonly #options: DeliveryOptions
  #inFlight: QueueItem | undefined
  #retry: Timer | undefined
  /** An earlier message is being crossed off. */
  #isFinishing = false
  #turn: 'none' | 'awaited' | 'come' = 'none'

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  get isSending(): boolean {
    return this.#inFlight !== undefined || this.#isFinishing
  }

  isOn(item: QueueItem): boolean {
    return this.#inFlight === item
  }

  pump(): void {
    const { parts, shelf, letters, onEmpty } = this.#options
    if (this.#inFlight !== undefined || this.#isFinishing || this.#retry !== undefined) return
    if (!parts.upstream.usable) return
    const item = shelf.head()
    if (item === undefined) {
      if (shelf.isEmpty && shelf.isSure) onEmpty()
      return
    }
    if (!this.#mayGo(item)) return
    if (item.place === 'disk' && !this.#isMyTurn()) return
    const held = letters.heldBecause(item)
    if (held === undefined) this.#send(item)
    else this.#bury(item, held)
  }

  /** What waits on the disk gives way to what is asked for now; where it is not its turn, this looks again when it is. */
  #isMyTurn(): boolean {
    if (this.#turn === 'come') return true
    if (this.#turn === 'awaited') return false
    this.#turn = 'awaited'
    this.#options.parts.turns.join(() => {
      this.#turn = 'come'
      this.pump()
      this.#turn = 'none'
    })
    return false
  }

  stop(): void {
    this.#retry?.cancel()
    this.#retry = undefined
  }

  #mayGo(item: QueueItem): boolean {
    const { parts, shelf } = this.#options
    const isLive = item.place !== 'disk' && (item.waiter !== undefined || item.isKept)
    if (isLive) return shelf.isSure || shelf.waiting === 0
    const mayBeSent = shelf.isSure && item.place !== 'memory' && parts.replayHold() === undefined
    return mayBeSent && !this.#isTimeless(item)
  }

  #send(item: QueueItem): void {
    const { upstream, book } = this.#options.parts
    this.#inFlight = item
    const { action } = item.entry
    const mapped = payloadForCsms(item.entry, item.transactionId, book)
    const payloadText = item.place === 'memory' ? mapped : this.#timed(item, mapped)
    upstream.send(
      {
        action,
        payloadText,
        timeoutMs: CSMS_TRANSACTION_SLOT_MS,
        late: answer => this.#cameLate(item, answer),
      },
      outcome => {
        this.#inFlight = undefined
        this.#outcome(item, outcome)
      },
    )
  }

  /** With true times, where a clock had not been set. */
  #timed(item: QueueItem, payloadText: string): string {
    const { entry } = item
    // its times were looked at when it came
    if (entry.shiftMs === undefined && entry.receivedWallMs >= SET_FROM_MS) return payloadText
    const { ports, ownClock } = this.#options.parts
    const now = { wallMs: ports.clock.wallMs(), monoMs: ports.clock.monoMs() }
    const ownMs = ownClock.correctionMs(entry.receivedWallMs, now)
    return unsetTimes(item.payload).reduce(
      (text, { path, wallMs }) =>
        replaceAt(text, path, JSON.stringify(isoTime(wallMs + (entry.shiftMs ?? 0) + ownMs))),
      payloadText,
    )
  }

  /** What this machine has written with an unset clock waits until it is set. */
  #isTimeless({ entry }: QueueItem): boolean {
    const { ports, ownClock } = this.#options.parts
    const isSet = ownClock.look({ wallMs: ports.clock.wallMs(), monoMs: ports.clock.monoMs() })
    if (isSet || entry.receivedWallMs >= SET_FROM_MS) return false
    this.#again(CLOCK_LOOK_MS)
    return true
  }

  #outcome(item: QueueItem, outcome: CallOutcome): void {
    const { parts, answerHere, shelf } = this.#options
    if (item.isDone) {
      // an earlier attempt was answered meanwhile
      if (outcome.kind === 'result' || outcome.kind === 'error') parts.counters.doubledAnswers++
      this.pump()
      return
    }
    switch (outcome.kind) {
      case 'result':
        this.#delivered(item, outcome.payloadText)
        break
      case 'error':
        this.#refused(item, outcome)
        break
      case 'timeout':
        parts.upstream.noteTimeout()
        parts.health.noteFailed(parts.stationId, parts.ports.clock.monoMs())
        if (item.place === 'memory' && item.waiter === undefined && !item.isKept) {
          // its station has gone and will send it again
          shelf.forget(item)
          this.#options.effects.undone(item)
          this.pump()
        } else this.#failed(item, 'silence', 'never answered')
        break
      case 'closed':
        if (item.waiter?.timer !== undefined) answerHere(item)
        else if (item.place === 'memory' && !item.isKept) {
          release(item)?.(undefined)
          shelf.forget(item)
          this.#options.effects.undone(item)
        } else release(item)?.(undefined)
        break
    }
  }

  /** After its slot was given up: as good as in time (rule 8). */
  #cameLate(item: QueueItem, answer: Answer): void {
    const { counters } = this.#options.parts
    if (item.isDone) {
      counters.doubledAnswers++
      return
    }
    counters.lateAnswers++
    if (answer.kind !== 'result') return
    this.stop()
    this.#delivered(item, answer.payloadText)
  }

  #delivered(item: QueueItem, confText: string): void {
    const { parts, effects, shelf, answered } = this.#options
    const { action, payloadText } = item.entry
    parts.health.noteAnswered(parts.stationId, parts.ports.clock.monoMs())
    const reply = release(item)
    const { answer, changes } = effects.delivered(item, confText, reply !== undefined)
    const isKept = item.place !== 'memory'
    if (isKept) {
      parts.counters.replayed++
      if (action === 'StopTransaction')
        changes.push(
          ...effects.energy.note(
            'acceptedWh',
            { seq: item.entry.seq, payload: item.payload },
            effects.recordOf(item),
          ),
        )
    }
    const isNews = reply !== undefined || !item.isTold
    const told = isNews ? textOf(answer) : answered.find(action, payloadText)
    const noted = told === undefined ? [] : answered.note(action, payloadText, told)
    const isWritten = isKept || changes.length > 0
    this.#isFinishing = true
    shelf.finish(
      item,
      isWritten ? [...changes, ...noted] : [],
      isKept || action === 'StartTransaction',
      () => {
        this.#isFinishing = false
        // also where the disk has failed: it is the CSMS's word (rule 14)
        reply?.(answer)
        this.pump()
      },
    )
  }

  /** CALLERROR: the station's own business while it waits; else again later with the same payload (rule 15). */
  #refused(item: QueueItem, error: Extract<Answer, { kind: 'error' }>): void {
    const { parts, shelf, answerHere, effects } = this.#options
    const nowMs = parts.ports.clock.monoMs()
    parts.health.noteFailed(parts.stationId, nowMs)
    const isStations = item.waiter !== undefined || !item.isKept
    if (isStations && (item.place === 'memory' || (item.place === 'doubt' && item.waiter !== undefined))) {
      const reply = release(item)
      if (item.place === 'memory') {
        shelf.forget(item)
        effects.undone(item)
      }
      reply?.(error)
      this.pump()
      return
    }
    if (item.waiter !== undefined) answerHere(item)
    const reason = `${error.code}: ${error.description}`
    if (isAboutContent(error.code) && !parts.health.isSick(nowMs)) item.refusals++
    if (item.refusals >= MAX_REFUSALS) this.#bury(item, reason)
    else this.#failed(item, 'error', reason)
  }

  #failed(item: QueueItem, after: 'error' | 'silence', reason: string): void {
    const { clock, random } = this.#options.parts.ports
    const nowMs = clock.monoMs()
    item.failures++
    item.failingSinceMs ??= nowMs
    const isHopeless = nowMs - item.failingSinceMs >= GIVE_UP_AFTER_MS
    if (isHopeless && !this.#options.parts.health.isSick(nowMs)) this.#bury(item, reason)
    else this.#again(retryDelayMs(item.failures, after, random.next()))
  }

  #bury(item: QueueItem, reason: string): void {
    this.#isFinishing = true
    this.#options.letters.bury(item, reason, () => {
      this.#isFinishing = false
      this.pump()
    })
  }

  #again(delayMs: number): void {
    this.#retry?.cancel()
    this.#retry = this.#options.parts.ports.clock.after(delayMs, () => {
      this.#retry = undefined
      this.pump()
    })
  }
}

function textOf(answer: Answer): string | undefined {
  return answer.kind === 'result' ? answer.payloadText : undefined
}
