/**
 * Transaction messages of one simulated station (StartTransaction, MeterValues, StopTransaction) on their way to the
 * CSMS: in order, kept while offline and over reboots, retried by TransactionMessageAttempts and
 * TransactionMessageRetryInterval (OCPP 1.6 §3.7, errata 3.18). Must not know connectors.
 */
import type { Clock, Timer } from '../../ports.js'
import type { WireOutcome } from '../framing.js'
import type { Configuration } from './configuration.js'
import { startAnswer } from './requests.js'

/** One charging session's identity, shared by its messages: the id is filled in when StartTransaction is answered. */
export interface TransactionRef {
  id: number | undefined
}

export type TransactionAction = 'StartTransaction' | 'MeterValues' | 'StopTransaction'

export interface TransactionMessage {
  readonly action: TransactionAction
  /** Without `transactionId`; it is added when the message leaves. */
  readonly payload: object
  readonly transaction: TransactionRef
  /** Told of the CSMS's answer; not when the message was given up. */
  readonly answered?: (payload: unknown) => void
}

export interface DeliveryDeps {
  readonly clock: Clock
  readonly configuration: Configuration
  isOnline(): boolean
  send(action: string, payload: object, done: (outcome: WireOutcome) => void): void
}

/** Beyond this the oldest MeterValues are lost, never Start or Stop: about a day of samples each 10 s. */
const MAX_WAITING = 10_000

/** Errata 3.18: the id of a transaction whose start never arrived. */
const UNKNOWN_TRANSACTION = -1

export class Delivery {
  private readonly queue: TransactionMessage[] = []
  private attempts = 0
  private sending = false
  private retry: Timer | undefined

  constructor(private readonly deps: DeliveryDeps) {}

  push(message: TransactionMessage): void {
    if (this.queue.length >= MAX_WAITING) {
      const oldest = this.queue.findIndex((entry, index) => index > 0 && entry.action === 'MeterValues')
      if (oldest > 0) this.queue.splice(oldest, 1)
    }
    this.queue.push(message)
    this.pump()
  }

  /** The way to the CSMS is open and the station is accepted: go on. */
  resume(): void {
    this.stop()
    this.pump()
  }

  /** Messages not answered yet. */
  waiting(): number {
    return this.queue.length
  }

  stop(): void {
    this.retry?.cancel()
    this.retry = undefined
  }

  private pump(): void {
    const message = this.queue[0]
    if (!message || this.sending || this.retry || !this.deps.isOnline()) return
    this.sending = true
    const { action, payload, transaction } = message
    const whole = action === 'StartTransaction' ? payload : { ...payload, transactionId: transaction.id }
    this.deps.send(action, whole, outcome => {
      this.sending = false
      this.settled(message, outcome)
    })
  }

  private settled(message: TransactionMessage, outcome: WireOutcome): void {
    switch (outcome.kind) {
      case 'result': {
        if (message.action === 'StartTransaction') {
          const start = startAnswer.safeParse(outcome.payload)
          if (start.success) message.transaction.id = start.data.transactionId
        }
        this.finish(message)
        message.answered?.(outcome.payload)
        this.pump()
        return
      }
      case 'closed':
        // A lost link is no attempt; the next one may be open already.
        this.pump()
        return
      case 'error':
      case 'timeout':
        this.failed(message)
    }
  }

  private failed(message: TransactionMessage): void {
    const { configuration, clock } = this.deps
    this.attempts += 1
    if (this.attempts >= configuration.integer('TransactionMessageAttempts', 3)) {
      this.finish(message)
      this.pump()
      return
    }
    const intervalS = configuration.integer('TransactionMessageRetryInterval', 60)
    this.retry = clock.after(intervalS * this.attempts * 1000, () => {
      this.retry = undefined
      this.pump()
    })
  }

  private finish(message: TransactionMessage): void {
    this.queue.shift()
    this.attempts = 0
    if (message.action === 'StartTransaction') message.transaction.id ??= UNKNOWN_TRANSACTION
  }
}
