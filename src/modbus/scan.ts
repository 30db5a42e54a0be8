/**
 * Finding meters: which unit ids answer on a line, and which models their registers fit. Reads only (function codes 3
 * and 4, and 43 for what a device says of itself). A model is "identified" by registers that only it has, "likely" when voltage, frequency, current and power
 * fit together, "possible" when nothing contradicts it; models that share a map are all named. Knows the Bus and no
 * other door; what it tries is bounded by the caller's unit ids and by the device files.
 */
import type { MeterConfig } from '../core/config/site.js'
import type { MeterReading } from '../core/events.js'
import type { Bus, BusConnection, BusLine, BusReply } from '../ports.js'
import { planBlocks } from './block-planner.js'
import { decodeValue } from './decode.js'
import type { MeterDevice } from './device-schema.js'
import { MeterUnit, type ReadRegisters } from './meter-unit.js'
import { readAlike, toldOf } from './model-evidence.js'

export interface Guess {
  readonly device: MeterDevice
  readonly confidence: 'identified' | 'likely' | 'possible'
  readonly reading: MeterReading
  /** What identified it: "product code 0070". */
  readonly evidence?: string
}

export interface FoundUnit {
  readonly connection: BusConnection
  readonly unitId: number
  /** Vendor, product, revision: what it says of itself, if anything. */
  readonly saysOfItself?: string
  /** Ids of the models at the head of `guesses` that read the same registers alike; absent where it is one. */
  readonly alike?: readonly string[]
  /** Best first; empty = something answers that no device file fits. */
  readonly guesses: readonly Guess[]
}

export interface ScanPorts {
  readonly bus: Bus
  readonly monoMs: () => number
  /** No unit is asked after it. */
  readonly untilMs?: number
}

/** A unit that is there answers sooner; the rest of the time is the line's. */
const SCAN_TIMEOUT_MS = 400
const CONNECT_TIMEOUT_MS = 2_000
/** Mains at either side of the ocean, with what a weak grid does to it. */
const LOW_V = 80
const HIGH_V = 280
const MAINS_HZ = [45, 65] as const
const RANK: readonly Guess['confidence'][] = ['identified', 'likely', 'possible']

/** The units that answer on one line, in the order of `unitIds`. A line that cannot be opened is the error text. */
export async function scanLine(
  ports: ScanPorts,
  connection: BusConnection,
  devices: Iterable<MeterDevice>,
  unitIds: readonly number[],
): Promise<readonly FoundUnit[] | string> {
  const line = new ScanLine(ports.bus, connection)
  const found: FoundUnit[] = []
  try {
    for (const unitId of unitIds) {
      if (ports.untilMs !== undefined && ports.monoMs() >= ports.untilMs) break
      const opened = await line.open()
      if (opened !== undefined) return opened
      if (!(await answers(line, unitId))) continue
      const guesses = await guess(ports, line, unitId, [...devices])
      const saysOfItself = await identity(ports, line, connection, unitId)
      const [first] = guesses
      const alike =
        first === undefined
          ? []
          : guesses.filter(({ device }) => readAlike(first.device, device)).map(({ device }) => device.id)
      found.push({
        connection,
        unitId,
        ...(saysOfItself !== undefined && { saysOfItself }),
        ...(alike.length > 1 && { alike }),
        guesses,
      })
    }
  } finally {
    line.close()
  }
  return found
}

/** Asked on a connection of its own, because some meters let in one at a time. */
async function identity(
  { bus }: ScanPorts,
  line: ScanLine,
  connection: BusConnection,
  unitId: number,
): Promise<string | undefined> {
  if (connection.kind === 'rtu') return undefined
  line.close()
  return bus.identify?.(connection, unitId, SCAN_TIMEOUT_MS)
}

/** One client per silence: a late answer must not be taken for the next one. */
class ScanLine {
  readonly #bus: Bus
  readonly #connection: BusConnection
  #line: BusLine | undefined

  constructor(bus: Bus, connection: BusConnection) {
    this.#bus = bus
    this.#connection = connection
  }

  /** Why not, in words; undefined when it is open. */
  async open(): Promise<string | undefined> {
    if (this.#line !== undefined) return undefined
    const opening = await this.#bus.connect(this.#connection, CONNECT_TIMEOUT_MS)
    if (opening.kind === 'failed') return opening.detail
    this.#line = opening.line
    return undefined
  }

  async read(unitId: number, functionCode: 3 | 4, address: number, count: number): Promise<BusReply> {
    const detail = await this.open()
    if (detail !== undefined || this.#line === undefined)
      return { kind: 'failed', detail: detail ?? 'closed' }
    const reply = await this.#line.read({ unitId, functionCode, address, count, timeoutMs: SCAN_TIMEOUT_MS })
    if (reply.kind === 'timeout' || reply.kind === 'failed') this.close()
    return reply
  }

  close(): void {
    this.#line?.close()
    this.#line = undefined
  }
}

/** An exception is an answer: somebody is there. Function code 3 or 4 may be unknown to it. */
async function answers(line: ScanLine, unitId: number): Promise<boolean> {
  for (const functionCode of [3, 4] as const) {
    const reply = await line.read(unitId, functionCode, 0, 2)
    if (reply.kind === 'words') return true
    // 10 and 11 are the gateway's own: the path or the unit behind it is not there.
    if (reply.kind === 'exception') return reply.code !== 10 && reply.code !== 11
  }
  return false
}

async function guess(
  ports: ScanPorts,
  line: ScanLine,
  unitId: number,
  devices: readonly MeterDevice[],
): Promise<readonly Guess[]> {
  const seen = new Map<string, Promise<BusReply>>()
  const reader = (device: MeterDevice): ReadRegisters => {
    return (address, count, functionCode = device.functionCode) => {
      const key = `${functionCode}/${address}/${count}`
      const known = seen.get(key) ?? line.read(unitId, functionCode, address, count)
      seen.set(key, known)
      return known
    }
  }
  const guesses: Guess[] = []
  for (const device of devices) {
    // What it is made of is in the list itself.
    if (device.choices !== undefined) continue
    const read = reader(device)
    if (!(await mayBe(device, read))) continue
    const unit = new MeterUnit(unitOf(device, unitId), device)
    const { reading } = await unit.poll(read, ports.monoMs())
    const confidence = judge(device, reading)
    if (confidence === undefined) continue
    const told = await toldOf(device, devices, read)
    if (told.kind === 'this')
      guesses.push({ device, confidence: 'identified', reading, evidence: told.evidence })
    else if (told.kind === 'nothing')
      guesses.push({ device, confidence, reading, ...evidenceOf(device, confidence) })
  }
  return guesses.sort((a, b) => RANK.indexOf(a.confidence) - RANK.indexOf(b.confidence))
}

/** One request tells most models apart: is there a mains voltage where this one keeps it? */
async function mayBe(device: MeterDevice, read: ReadRegisters): Promise<boolean> {
  if (device.sunspec !== undefined || device.probe.length > 0) return true
  const voltage = device.values.find(value => value.measurand === 'Voltage.L1-N')
  if (voltage === undefined) return true
  const [block] = planBlocks({ ...device, values: [voltage] }, new Set([voltage.group]))
  if (block === undefined) return true
  const reply = await read(block.address, block.count)
  if (reply.kind !== 'words') return false
  const words = new Map(reply.words.map((word, at) => [block.address + at, word]))
  const decoded = decodeValue(device, voltage, words)
  return decoded.kind === 'value' && isMains(decoded.value)
}

function evidenceOf(
  { probe, sunspec }: MeterDevice,
  confidence: Guess['confidence'],
): { readonly evidence?: string } {
  const [first] = probe
  if (confidence !== 'identified') return {}
  if (first !== undefined) return { evidence: first.what }
  return sunspec === undefined ? {} : { evidence: `SunSpec model ${sunspec.modelId}` }
}

function judge(device: MeterDevice, reading: MeterReading): Guess['confidence'] | undefined {
  if (reading.fault !== undefined && reading.voltageV === undefined) return undefined
  if (device.probe.length > 0) return 'identified'
  const { frequencyHz, voltageV } = reading
  const hasMains = voltageV?.some(isMains) === true
  const hasFrequency = frequencyHz !== undefined && frequencyHz > MAINS_HZ[0] && frequencyHz < MAINS_HZ[1]
  if (device.sunspec !== undefined) return hasMains ? 'identified' : 'possible'
  return hasMains && hasFrequency && reading.powerW !== undefined ? 'likely' : 'possible'
}

function isMains(volts: number): boolean {
  return volts > LOW_V && volts < HIGH_V
}

function unitOf(device: MeterDevice, unitId: number): MeterConfig {
  return {
    id: 'scan',
    device: device.id,
    unitId,
    pollMs: 1000,
    connection: { kind: 'tcp', host: '-', port: 1 },
  }
}
