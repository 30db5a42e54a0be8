/**
 * One poll of one meter: which groups are due, which blocks to read, what to make of refusals, and the MeterReading at
 * the end. Remembers the values of slower groups between polls and what the device taught about its blocks. Must not
 * know lines, queues or back-off: it is handed a `read`.
 */
import type { MeterConfig } from '../core/config/site.js'
import type { MeterReading } from '../core/events.js'
import type { KnownPerPhase, PerPhase } from '../core/site/phases.js'
import { REGISTER_READ_S } from '../core/site/standing-meter.js'
import type { BusReply } from '../ports.js'
import { type Block, type Learnt, NOTHING_LEARNT, planBlocks, refused } from './block-planner.js'
import { decodeValue, directCurrents } from './decode.js'
import type { Measurand, MeterDevice, ValueGroup } from './device-schema.js'
import { contradiction } from './plausibility.js'
import { ReadWords } from './read-words.js'
import { asWired } from './site-wiring.js'
import { continueSearch, type SunspecSearch, startSearch, sunspecMapOf } from './sunspec.js'
import { TrafficCounter } from './traffic.js'

/** Control rule 15 needs currents each poll; the rest is for the page, and voltage for watts. */
const NORMAL_EVERY_MS = 5_000
/** Registers of energy: a meter that stands still has to show it by them before 30 s are over (control rule 15). */
const SLOW_EVERY_MS = REGISTER_READ_S * 1_000
/** Illegal data address and illegal data value: the device refuses the registers, not the moment. */
const REFUSAL_CODES: readonly number[] = [2, 3]
/** Gateway path unavailable, gateway target silent: the unit behind it is gone. */
const GATEWAY_CODES: readonly number[] = [10, 11]

const PHASE_FACTORS = ['PowerFactor.L1', 'PowerFactor.L2', 'PowerFactor.L3'] as const

/** Reads registers of this meter; `address` as on the wire. Without a function code the model's own. */
export type ReadRegisters = (address: number, count: number, functionCode?: 3 | 4) => Promise<BusReply>

/** `unit` = the meter did not answer or the answer was worthless. `line` is what is left of the connection. */
export interface PollResult {
  readonly reading: MeterReading
  readonly unit: 'answers' | 'silent'
  readonly line: 'sound' | 'late' | 'broken'
}

type ReadOutcome =
  | { readonly kind: 'read' }
  | { readonly kind: 'refused'; readonly fault: string; readonly silent: boolean }
  | { readonly kind: 'line'; readonly fault: string; readonly line: 'late' | 'broken' }

/** Blocks by the groups that are due, for one model and what is known of the device. */
interface Plans {
  readonly device: MeterDevice | undefined
  readonly learnt: Learnt
  readonly byGroups: Map<string, readonly Block[]>
}

export class MeterUnit {
  readonly traffic = new TrafficCounter()
  #learnt: Learnt = NOTHING_LEARNT
  #plans: Plans = { device: undefined, learnt: NOTHING_LEARNT, byGroups: new Map() }
  #origin: number | undefined
  #normalMs: number | undefined
  #slowMs: number | undefined
  #found: MeterDevice | undefined
  readonly #values = new Map<Measurand, number>()
  readonly #implausible = new Map<Measurand, string>()

  constructor(
    readonly config: MeterConfig,
    readonly named: MeterDevice,
  ) {}

  /** The model that was found, or the one that stands for all it may be. */
  get device(): MeterDevice {
    return this.#found ?? this.named
  }

  /** A new line may lead to another device: forget what the old one taught. */
  lineOpened(): void {
    this.#learnt = NOTHING_LEARNT
    this.#origin = undefined
    this.#found = undefined
    this.#normalMs = undefined
    this.#slowMs = undefined
  }

  /** A reading without values. */
  fault(monoMs: number, fault: string): MeterReading {
    return { meterId: this.config.id, monoMs, fault }
  }

  /** Never rejects as long as `read` does not. `nowMs` is monotonic and becomes the time of the reading. */
  async poll(read: ReadRegisters, nowMs: number): Promise<PollResult> {
    const found = await this.#locate(read)
    if (found.kind !== 'read') return this.#failed(found, nowMs)
    const groups = this.#dueGroups(nowMs)
    const words = new ReadWords()
    const outcome = await this.#readBlocks(read, groups, words)
    this.#take(groups, words)
    if (outcome.kind === 'refused') return this.#failed(outcome, nowMs)
    if (outcome.kind === 'line') {
      // The currents may have come before the line broke; they are still good.
      const reading = this.#hasFreshCurrents(words) ? this.#reading(nowMs) : this.fault(nowMs, outcome.fault)
      return { reading, unit: 'silent', line: outcome.line }
    }
    if (groups.has('normal')) this.#normalMs = nowMs
    if (groups.has('slow')) this.#slowMs = nowMs
    return { reading: this.#reading(nowMs), unit: 'answers', line: 'sound' }
  }

  #failed(outcome: Exclude<ReadOutcome, { kind: 'read' }>, nowMs: number): PollResult {
    const reading = this.fault(nowMs, outcome.fault)
    if (outcome.kind === 'line') return { reading, unit: 'silent', line: outcome.line }
    return { reading, unit: outcome.silent ? 'silent' : 'answers', line: 'sound' }
  }

  async #locate(read: ReadRegisters): Promise<ReadOutcome> {
    const choices = this.named.choices ?? [this.named]
    const map = sunspecMapOf(choices)
    if (this.#origin !== undefined) return { kind: 'read' }
    const probed = await this.#probe(read)
    if (probed.kind !== 'read') return probed
    if (map === undefined) {
      this.#origin = 0
      return { kind: 'read' }
    }
    let search: SunspecSearch = startSearch(map)
    while (search.kind === 'marker' || search.kind === 'model') {
      const reply = await read(search.address, 2)
      const failure = failureOf(reply)
      const refusal = reply.kind === 'exception' && REFUSAL_CODES.includes(reply.code)
      if (failure !== undefined && !refusal) return failure
      search = continueSearch(map, search, reply.kind === 'words' ? reply.words : undefined)
    }
    if (search.kind === 'missing') return { kind: 'refused', fault: search.text, silent: false }
    const { origin, modelId } = search
    this.#found = choices.find(({ sunspec }) => sunspec?.modelId === modelId)
    this.#origin = origin
    return { kind: 'read' }
  }

  /** A map read from the wrong model gives plausible nonsense: nothing is read before the model has shown itself. */
  async #probe(read: ReadRegisters): Promise<ReadOutcome> {
    for (const probe of this.device.probe) {
      const reply = await read(probe.address, probe.registers, probe.functionCode)
      const refusal = reply.kind === 'exception' && REFUSAL_CODES.includes(reply.code)
      const failure = failureOf(reply)
      if (failure !== undefined && !refusal) return failure
      const found = reply.kind === 'words' ? hexOf(reply.words) : `exception ${refusal ? reply.code : ''}`
      if (!probe.expect.some(expected => found.startsWith(expected.toUpperCase())))
        return { kind: 'refused', fault: `wrong model: ${probe.what} is ${found}`, silent: false }
    }
    return { kind: 'read' }
  }

  #dueGroups(nowMs: number): ReadonlySet<ValueGroup> {
    const groups = new Set<ValueGroup>(['fast'])
    if (this.#normalMs === undefined || nowMs - this.#normalMs >= NORMAL_EVERY_MS) groups.add('normal')
    if (this.#slowMs === undefined || nowMs - this.#slowMs >= SLOW_EVERY_MS) groups.add('slow')
    return groups
  }

  /** Bounded: every refusal either cuts a block, drops a value or ends the poll. */
  async #readBlocks(
    read: ReadRegisters,
    groups: ReadonlySet<ValueGroup>,
    words: ReadWords,
  ): Promise<ReadOutcome> {
    const origin = this.#origin ?? 0
    const waiting: Block[] = [...this.#planned(groups)]
    let learnt = this.#learnt
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      const reply = await read(origin + block.address, block.count)
      if (reply.kind === 'words') {
        words.add(block.address, reply.words)
        continue
      }
      if (reply.kind !== 'exception' || !REFUSAL_CODES.includes(reply.code))
        return failureOf(reply) ?? { kind: 'read' }
      const refusal = refused(this.device, block, learnt)
      if (refusal.kind === 'needed')
        return { kind: 'refused', fault: `exception ${reply.code} on ${refusal.measurand}`, silent: false }
      learnt = refusal.learnt
      if (refusal.kind === 'split') waiting.unshift(...refusal.halves)
    }
    // A device that refuses everything is not ready yet; that must not shatter its blocks for good.
    if (!words.isEmpty) this.#learnt = learnt
    return { kind: 'read' }
  }

  /** The same groups of the same model make the same blocks, until the device teaches something. */
  #planned(groups: ReadonlySet<ValueGroup>): readonly Block[] {
    const { device } = this
    const learnt = this.#learnt
    if (this.#plans.device !== device || this.#plans.learnt !== learnt)
      this.#plans = { device, learnt, byGroups: new Map() }
    const key = [...groups].join(' ')
    const known = this.#plans.byGroups.get(key)
    if (known !== undefined) return known
    const blocks = planBlocks(device, groups, learnt)
    this.#plans.byGroups.set(key, blocks)
    return blocks
  }

  #take(groups: ReadonlySet<ValueGroup>, words: ReadWords): void {
    for (const value of this.device.values) {
      if (!groups.has(value.group)) continue
      const decoded = decodeValue(this.device, value, words)
      this.#implausible.delete(value.measurand)
      if (decoded.kind === 'value') this.#values.set(value.measurand, decoded.value)
      else this.#values.delete(value.measurand)
      if (decoded.kind === 'implausible' && value.optional !== true)
        this.#implausible.set(value.measurand, decoded.text)
    }
  }

  #whyNoCurrent(): string {
    const { id, phases } = this.device
    return phases === 3
      ? 'no current: marked invalid by the meter'
      : `no current: ${id} measures ${phases === 1 ? 'one phase' : 'two phases'} only`
  }

  #hasFreshCurrents(words: ReadWords): boolean {
    return this.device.values
      .filter(value => value.group === 'fast')
      .every(value => decodeValue(this.device, value, words).kind === 'value')
  }

  #reading(monoMs: number): MeterReading {
    const [outOfRange] = this.#implausible.values()
    const implausible = outOfRange ?? contradiction(this.#values)
    if (implausible !== undefined) return this.fault(monoMs, implausible)
    const values = directCurrents(this.device, this.#values)
    const currentA = triple(values, ['Current.L1', 'Current.L2', 'Current.L3'])
    const powerW = triple(values, ['Power.Active.L1', 'Power.Active.L2', 'Power.Active.L3'])
    const voltageV = triple(values, ['Voltage.L1-N', 'Voltage.L2-N', 'Voltage.L3-N'])
    const powerFactor = knownShares(PHASE_FACTORS.map(name => values.get(name)))
    const totalPowerW = values.get('Power.Active.Total')
    const frequencyHz = values.get('Frequency')
    const importWh = values.get('Energy.Active.Import.Total')
    const exportWh = values.get('Energy.Active.Export.Total')
    const clockS = values.get('Clock')
    const reading: MeterReading = {
      meterId: this.config.id,
      monoMs,
      ...(currentA === undefined ? { fault: this.#whyNoCurrent() } : { currentA }),
      ...(powerW === undefined ? {} : { powerW }),
      ...(voltageV === undefined ? {} : { voltageV }),
      ...(powerFactor === undefined ? {} : { powerFactor }),
      ...(totalPowerW === undefined ? {} : { totalPowerW }),
      ...(frequencyHz === undefined ? {} : { frequencyHz }),
      ...(importWh === undefined ? {} : { importWh }),
      ...(exportWh === undefined ? {} : { exportWh }),
      ...(clockS === undefined ? {} : { clockS }),
    }
    return asWired(reading, this.config)
  }
}

function failureOf(reply: BusReply): Exclude<ReadOutcome, { kind: 'read' }> | undefined {
  switch (reply.kind) {
    case 'words':
      return undefined
    case 'exception':
      return {
        kind: 'refused',
        fault: `exception ${reply.code}`,
        silent: GATEWAY_CODES.includes(reply.code),
      }
    case 'timeout':
      return { kind: 'line', fault: 'timeout', line: 'late' }
    case 'failed':
      return { kind: 'line', fault: reply.detail, line: 'broken' }
  }
}

/** Registers as people write them: "4366 199A". */
export function hexOf(words: readonly number[]): string {
  return words.map(word => word.toString(16).toUpperCase().padStart(4, '0')).join(' ')
}

/** Percent as shares of 1; undefined where no phase has one. */
function knownShares([l1, l2, l3]: readonly (number | undefined)[]): KnownPerPhase | undefined {
  const share = (percent: number | undefined) => (percent === undefined ? undefined : percent / 100)
  if (l1 === undefined && l2 === undefined && l3 === undefined) return undefined
  return [share(l1), share(l2), share(l3)]
}

function triple(
  values: ReadonlyMap<Measurand, number>,
  names: readonly [Measurand, Measurand, Measurand],
): PerPhase | undefined {
  const [l1, l2, l3] = [values.get(names[0]), values.get(names[1]), values.get(names[2])]
  return l1 === undefined || l2 === undefined || l3 === undefined ? undefined : [l1, l2, l3]
}
