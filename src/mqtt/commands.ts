/**
 * Orders by MQTT: `<prefix>/set/limit`, `grid`, `enable`, `departure` and `clear`, each only where the configuration allows it, answered
 * on `<prefix>/result/<id>` and where the sender says it waits. Never from what a broker retained (control rule 17). Must not
 * know what an order does.
 */
import { type Fault, parseDocument } from '../core/config/faults.js'
import { readJson } from '../core/config/json-text.js'
import {
  clearOrderSchema,
  departureOrderSchema,
  enableOrderSchema,
  gridOrderSchema,
  limitOrderSchema,
} from '../core/config/limit-order.js'
import type { SiteConfig } from '../core/config/site.js'
import type { OrderDesk, OrderOutcome } from '../core/control/order-desk.js'
import { type RefusalCode, refusal, unfitParams } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { BrokerAnswerTo, Clock, Log } from '../ports.js'

/** An order is short. */
const MAX_CHARS = 4_096
/** Within a second; more is a fault of whoever gives them. */
const MAX_PER_S = 20
const BY = 'mqtt'

const ORDERS = ['limit', 'grid', 'enable', 'departure', 'clear'] as const
type OrderKind = (typeof ORDERS)[number]

export interface CommandOptions {
  readonly ports: { readonly clock: Clock; readonly log: Log }
  readonly config: NonNullable<SiteConfig['mqtt']>
  readonly desk: OrderDesk
}

export interface Command {
  readonly topic: string
  readonly payload: string
  readonly retained: boolean
  readonly answerTo: BrokerAnswerTo | undefined
}

export class Commands {
  readonly #options: CommandOptions
  readonly #prefix: string
  #second = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 }

  constructor(options: CommandOptions) {
    this.#options = options
    this.#prefix = `${options.config.prefix}/set/`
  }

  isOrder(topic: string): boolean {
    return topic.startsWith(this.#prefix)
  }

  /** Undefined where nothing may be ordered. */
  filter(): string | undefined {
    return this.#options.config.commands === false ? undefined : `${this.#prefix}#`
  }

  /** `answer` is called once for each topic that is to be told. */
  async take(command: Command, answer: (to: BrokerAnswerTo, payload: string) => void): Promise<void> {
    const { topic, answerTo } = command
    // So what a broker retains is taken back: nothing is ordered by it.
    if (command.payload === '') return
    const count = this.#counted()
    // The first too many is told, the rest costs nothing.
    if (count > MAX_PER_S + 1) return
    const { id, outcome } = count > MAX_PER_S ? TOO_FREQUENT : await this.#outcomeOf(command)
    const { log } = this.#options.ports
    const words = outcome.kind === 'done' ? outcome.done.text : `${outcome.why.error}: ${outcome.why.found}`
    log.write(outcome.kind === 'done' ? 'info' : 'warn', 'mqtt order', {
      topic,
      id,
      outcome: outcome.kind,
      dryRun: outcome.kind === 'done' && outcome.done.dryRun,
      words,
    })
    const text = JSON.stringify(resultOf(id, outcome))
    const { prefix } = this.#options.config
    answer({ topic: `${prefix}/result/${id ?? 'unknown'}` }, text)
    if (answerTo !== undefined && !this.#isTold(answerTo.topic)) answer(answerTo, text)
  }

  /** Topics on which what stands is said, by Busbar or the broker: no sender has anything put there through Busbar. */
  #isTold(topic: string): boolean {
    const { prefix, homeAssistant } = this.#options.config
    const told = [prefix, homeAssistant?.prefix, 'spBv1.0', '$SYS', '$CONTROL'].flatMap(it => it ?? [])
    return told.some(first => topic === first || topic.startsWith(`${first}/`))
  }

  #counted(): number {
    const nowMs = this.#options.ports.clock.monoMs()
    if (nowMs - this.#second.sinceMs >= 1_000) this.#second = { sinceMs: nowMs, count: 0 }
    this.#second.count += 1
    return this.#second.count
  }

  async #outcomeOf({
    topic,
    payload,
    retained,
  }: Command): Promise<{ id: string | undefined; outcome: OrderOutcome }> {
    const name = topic.slice(this.#prefix.length)
    const kind = ORDERS.find(known => known === name)
    const nothing = { id: undefined }
    if (kind === undefined)
      return { ...nothing, outcome: refused('unknown-order', { found: name, known: ORDERS.join(', ') }) }
    if (payload.length > MAX_CHARS)
      return {
        ...nothing,
        outcome: refused('order-too-long', { count: payload.length, most: MAX_CHARS }),
      }
    const read = readJson(payload)
    if (!read.ok) return { ...nothing, outcome: faultOf(read.faults) }
    const { document } = read.value
    const id = idOf(document)
    if (retained)
      return {
        id,
        outcome: refused('retained', {}),
      }
    if (!this.#isAllowed(kind))
      return {
        id,
        outcome: refused('order-not-allowed', { found: `set/${kind}` }),
      }
    return { id, outcome: await this.#give(kind, document) }
  }

  #isAllowed(kind: OrderKind): boolean {
    const { commands } = this.#options.config
    if (commands === false) return false
    const { limits, enabling, departures } = commands
    return { limit: limits, grid: limits, clear: limits, enable: enabling, departure: departures }[kind]
  }

  async #give(kind: OrderKind, document: unknown): Promise<OrderOutcome> {
    const { desk } = this.#options
    const from = { door: 'mqtt' as const, by: BY }
    switch (kind) {
      case 'limit': {
        const order = parseDocument(limitOrderSchema, document)
        return order.ok ? desk.limit(from, order.value) : faultOf(order.faults)
      }
      case 'grid': {
        const order = parseDocument(gridOrderSchema, document)
        return order.ok ? desk.grid(from, order.value) : faultOf(order.faults)
      }
      case 'enable': {
        const order = parseDocument(enableOrderSchema, document)
        return order.ok ? desk.enable(from, order.value) : faultOf(order.faults)
      }
      case 'departure': {
        const order = parseDocument(departureOrderSchema, document)
        return order.ok ? desk.departure(from, order.value) : faultOf(order.faults)
      }
      case 'clear': {
        const order = parseDocument(clearOrderSchema, document)
        return order.ok ? desk.clear(from, order.value) : faultOf(order.faults)
      }
    }
  }
}

function refused<C extends RefusalCode>(...words: Parameters<typeof refusal<C>>): OrderOutcome {
  return { kind: 'refused', why: refusal(...words) }
}

const TOO_FREQUENT = {
  id: undefined,
  outcome: refused('orders-too-frequent', { most: MAX_PER_S }),
}

function faultOf([first]: readonly Fault[]): OrderOutcome {
  const nothing = { path: '(document)', found: say('nothing'), expected: say('expected-object') }
  return refused('unfit', first === undefined ? nothing : unfitParams(first))
}

/** Only what can be the last level of a topic. */
function idOf(document: unknown): string | undefined {
  const id: unknown =
    typeof document === 'object' && document !== null ? Reflect.get(document, 'id') : undefined
  return typeof id === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/.test(id) ? id : undefined
}

function resultOf(id: string | undefined, outcome: OrderOutcome): object {
  if (outcome.kind === 'refused') return { id, done: false, ...outcome.why }
  const { effect, departure, ...done } = outcome.done
  return { id, done: true, ...done, ...effect, ...departure }
}
