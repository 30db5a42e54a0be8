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

export interface Delivery {
  push(message: TransactionMessage): void
  /** The way to the CSMS is open and the station is accepted: go on. */
  resume(): void
  /** Messages not answered yet. */
  waiting(): number
  stop(): void
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

export function createDelivery(deps: DeliveryDeps): Delivery {
  const queue: TransactionMessage[] = []
  let attempts = 0
  let sending = false
  let retry: Timer | undefined

  function finish(message: TransactionMessage): void {
    queue.shift()
    attempts = 0
    if (message.action === 'StartTransaction') message.transaction.id ??= UNKNOWN_TRANSACTION
  }

  function settled(message: TransactionMessage, outcome: WireOutcome): void {
    sending = false
    switch (outcome.kind) {
      case 'result': {
        const start = startAnswer.safeParse(outcome.payload)
        if (message.action === 'StartTransaction' && start.success)
          message.transaction.id = start.data.transactionId
        finish(message)
        message.answered?.(outcome.payload)
        break
      }
      case 'closed':
        // A lost link is no attempt; `resume` comes with the next one.
        return
      case 'error':
      case 'timeout': {
        attempts += 1
        if (attempts >= deps.configuration.integer('TransactionMessageAttempts', 3)) {
          finish(message)
          break
        }
        const intervalS = deps.configuration.integer('TransactionMessageRetryInterval', 60)
        retry = deps.clock.after(intervalS * attempts * 1000, () => {
          retry = undefined
          pump()
        })
        return
      }
    }
    pump()
  }

  function pump(): void {
    const message = queue[0]
    if (!message || sending || retry || !deps.isOnline()) return
    sending = true
    const { action, payload, transaction } = message
    const whole = action === 'StartTransaction' ? payload : { ...payload, transactionId: transaction.id }
    deps.send(action, whole, outcome => settled(message, outcome))
  }

  return {
    push(message) {
      if (queue.length >= MAX_WAITING) {
        const oldest = queue.findIndex((entry, index) => index > 0 && entry.action === 'MeterValues')
        if (oldest > 0) queue.splice(oldest, 1)
      }
      queue.push(message)
      pump()
    },
    resume() {
      retry?.cancel()
      retry = undefined
      pump()
    },
    waiting: () => queue.length,
    stop() {
      retry?.cancel()
      retry = undefined
    },
  }
}
