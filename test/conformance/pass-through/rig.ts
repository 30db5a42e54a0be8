/**
 * What a case of the pass-through suite works with: a scripted CSMS above, a simulated station below, the real gateway
 * between them, all in one simulated world. A case says what happens at the station or what the CSMS commands, and
 * what the CSMS must see; the frames of both legs are checked after every case.
 */
import { readDataFiles } from '../../../src/adapters/data-files.js'
import { parseSiteConfig } from '../../../src/core/config/site-faults.js'
import type { ConfigurationKey, StationModel } from '../../../src/core/config/station-model.js'
import { buildCatalogue } from '../../../src/gateway/catalogue.js'
import type { Gateway } from '../../../src/gateway/options.js'
import { startGateway } from '../../../src/gateway.js'
import type { Ports } from '../../../src/ports.js'
import { createCar } from '../../../src/sim/car.js'
import { Csms, type SeenCall, type TagInfo } from '../../../src/sim/csms.js'
import type { WireOutcome } from '../../../src/sim/framing.js'
import type { World } from '../../../src/sim/ports/world.js'
import type { Connector } from '../../../src/sim/station/connector.js'
import { Station } from '../../../src/sim/station/station.js'
import { CaseFault, type Fields, holds, text } from '../check.js'
import { type CheckOptions, FrameLog, faultsOf } from './frames.js'

export type Quality = 'lab' | 'worst'

/** Seed 002 §8.2.2: the worst line a certification may run on. */
const WORST_LINE = { toListenerMs: 1_000, toDialerMs: 1_000, bytesPerSecond: 5_000 }
const STATION_ID = 'CP-1'
const CSMS_PORT = 9100
const LOOK_MS = 20
/** Triggered functions take up to 60 s (PICS A.4); the worst line adds some. */
const STEP_LIMIT_MS = 90_000
const DEFAULT_DEVICE = 'ecs-wkt-ec13'

export const TAGS = {
  valid: 'TAG-1',
  other: 'TAG-2',
  sibling: 'TAG-3',
  invalid: 'TAG-BAD',
  blocked: 'TAG-BLOCK',
  expired: 'TAG-OLD',
} as const

const TAG_INFO: Readonly<Record<string, TagInfo>> = {
  [TAGS.valid]: { status: 'Accepted', parentIdTag: 'GROUP-1' },
  [TAGS.sibling]: { status: 'Accepted', parentIdTag: 'GROUP-1' },
  [TAGS.other]: { status: 'Accepted', parentIdTag: 'GROUP-2' },
  [TAGS.invalid]: { status: 'Invalid' },
  [TAGS.blocked]: { status: 'Blocked' },
  [TAGS.expired]: { status: 'Expired' },
}

export interface RigOptions {
  readonly device?: string
  readonly connectors?: number
  readonly fixedCable?: boolean
  readonly settings?: Readonly<Record<string, string>>
  /** The CSMS gives this interval; default: the one the station has. */
  readonly heartbeatS?: number
  /** The case plays the boot itself. */
  readonly unbooted?: boolean
  /** Doors of the gateway with a defect, to show that a case can fail. */
  readonly gatewayPorts?: (ports: Ports) => Ports
  readonly loadControl?: 'csms'
}

/** One CALL the CSMS must see next. */
export interface Step {
  readonly action: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly isOptional?: boolean
}

/** What comes by itself and says nothing to a case that does not name it. */
const BACKGROUND: ReadonlySet<string> = new Set(['Heartbeat', 'MeterValues'])

export interface BenchOptions {
  readonly quality: Quality
  /** Another station than the case opens, with these keys under the case's own, and its cable whatever the case wants. */
  readonly station?: {
    readonly device: string
    readonly settings: Readonly<Record<string, string>>
    readonly fixedCable?: boolean
  }
  /** The CSMS drives the station itself: profiles are forwarded as all else. */
  readonly loadControl?: 'csms'
  readonly gatewayPorts?: RigOptions['gatewayPorts']
  /** Given the frames of a case before it begins: to spoil them. */
  readonly prepare?: (log: FrameLog) => void
}

export class Bench {
  readonly #options: BenchOptions
  #rig: Rig | undefined

  constructor(
    readonly world: World,
    options: BenchOptions,
  ) {
    this.#options = options
  }

  async open(options: RigOptions = {}): Promise<Rig> {
    const { gatewayPorts, loadControl, station } = this.#options
    const settings = { ...station?.settings, ...options.settings }
    const rig = new Rig(this.world, {
      ...(station && { device: station.device }),
      ...(loadControl && { loadControl }),
      ...(gatewayPorts && { gatewayPorts }),
      ...options,
      ...(station?.fixedCable !== undefined && { fixedCable: station.fixedCable }),
      settings,
    })
    this.#options.prepare?.(rig.log)
    this.#rig = rig
    if (this.#options.quality === 'worst') this.world.network.setQuality(WORST_LINE, `csms:${CSMS_PORT}`)
    await rig.open()
    return rig
  }

  /** What was wrong with the frames of the case. */
  faults(): readonly string[] {
    return this.#rig === undefined
      ? []
      : faultsOf(this.#rig.log.frames, { ...this.#rig.check, endMs: this.world.time.nowMs })
  }

  /** The last frames of the case, for a reader. */
  evidence(): readonly string[] {
    return this.#rig?.log.evidence() ?? []
  }

  /** What the case was played with: model, and what of its hardware is not as usual. */
  stationText(): string {
    const { connectors = 1, device = DEFAULT_DEVICE, fixedCable = true } = this.#rig?.options ?? {}
    const cable = fixedCable ? 'fixed cable' : 'socket'
    return `${device}, ${connectors === 1 ? 'one connector' : `${connectors} connectors`}, ${cable}`
  }

  async close(): Promise<void> {
    await this.#rig?.close()
  }
}

export class Rig {
  readonly log: FrameLog
  readonly csms: Csms
  readonly station: Station
  readonly check: { -readonly [K in keyof CheckOptions]: CheckOptions[K] } = {
    hadOutage: false,
    isDriven: false,
  }
  readonly #model: StationModel
  /** As the station, or who stands for it, has shown them to the CSMS. */
  readonly authorizations: (string | undefined)[] = []
  #gateway: Gateway | undefined
  #cursor = 0

  constructor(
    readonly world: World,
    readonly options: RigOptions,
  ) {
    this.log = new FrameLog(() => world.time.nowMs)
    this.check.isDriven = options.loadControl === 'csms'
    const built = buildCatalogue(readDataFiles(process.cwd()))
    if (!built.ok) throw new Error(text(built.faults))
    const device = options.device ?? DEFAULT_DEVICE
    const model = built.value.stationModels.get(device)
    if (model === undefined) throw new Error(device)
    this.#model = model
    const csmsPorts = world.portsFor('csms')
    this.csms = new Csms({
      ports: { ...csmsPorts, network: this.log.listening(csmsPorts.network) },
      host: 'csms',
      port: CSMS_PORT,
      heartbeatS: this.heartbeatS(),
      admits: (_id, authorization) => {
        this.authorizations.push(authorization)
        return true
      },
      tag: idTag => TAG_INFO[idTag] ?? { status: 'Invalid' },
    })
    const ports = world.portsFor(STATION_ID)
    this.station = new Station({
      ports: { ...ports, network: this.log.dialling(ports.network) },
      id: STATION_ID,
      url: 'ws://busbar:9000/ocpp',
      model,
      connectors: Array.from({ length: options.connectors ?? 1 }, () => ({
        wiredPhases: 3 as const,
        ratedA: 32,
      })),
      fixedCable: options.fixedCable ?? true,
      settings: options.settings ?? {},
    })
  }

  /** CSMS, gateway and station; unless the case plays the boot, until it is over and Busbar's own set-up with it. */
  async open(): Promise<void> {
    await this.csms.start()
    await this.startGateway()
    this.station.start()
    if (this.options.unbooted === true) return
    await this.sees(...this.bootSteps())
    await this.pause(30_000)
    this.forget()
  }

  async startGateway(): Promise<void> {
    const built = buildCatalogue(readDataFiles(process.cwd()))
    if (!built.ok) throw new Error(text(built.faults))
    const config = parseSiteConfig(configOf(this.options, this.csms.url), built.value)
    if (!config.ok) throw new Error(text(config.faults))
    const { ports } = this.world
    this.#gateway = await startGateway(this.options.gatewayPorts?.(ports) ?? ports, {
      config: config.value,
      catalogue: built.value,
      users: { find: async () => undefined },
      passwordOf: () => undefined,
    })
  }

  /** Busbar loses its supply and starts anew; what was not durable is gone. */
  async powerCut(): Promise<void> {
    this.check.hadOutage = true
    this.#gateway = undefined
    this.world.powerCut()
    await this.pause(5_000)
    await this.startGateway()
  }

  async close(): Promise<void> {
    await this.station.stop()
    await this.csms.stop()
    await this.#gateway?.stop()
  }

  // ---------------------------------------------------------------- what happens at the station

  connector(id = 1): Connector {
    const connector = this.station.connectors[id - 1]
    if (connector === undefined) throw new Error(`connector ${id}`)
    return connector
  }

  plugIn(id = 1): void {
    this.connector(id).plugIn(createCar({ phases: 3, maxA: 32, wantsWh: 1e6, reactionMs: 2_000 }))
  }

  tag(idTag: string = TAGS.valid, id = 1): void {
    this.connector(id).presentTag(idTag)
  }

  /** State "Charging" of the plan. Gives the transaction id the CSMS gave. */
  async charging(idTag: string = TAGS.valid, id = 1): Promise<number> {
    this.plugIn(id)
    await this.sees(sn('Preparing', id))
    this.tag(idTag, id)
    await this.sees(auth(idTag))
    return this.started({ idTag, connectorId: id })
  }

  /** Start and SN(Charging), in either order; SuspendedEVSE may come between while Busbar makes room. */
  async started(fields: Readonly<Record<string, unknown>>): Promise<number> {
    const { connectorId } = { connectorId: 1, ...fields }
    await this.seesAnyOrder(
      msg('StartTransaction', { connectorId, ...fields }),
      sn('Charging', Number(connectorId)),
      ...allowed('SuspendedEVSE', Number(connectorId)),
    )
    await this.settle()
    return this.transactionId()
  }

  transactionId(): number {
    const last = this.log.frames.findLast(
      frame => frame.end === 'csms' && frame.way === 'out' && frame.action === 'StartTransaction',
    )
    return last?.payload.transactionId
  }

  /** The CSMS cannot be reached from now on, or can again. */
  async uplink(isUp: boolean): Promise<void> {
    this.check.hadOutage = true
    await this.csms.setOnline(isUp)
    if (!isUp) await this.pause(1_000)
  }

  /** What the station's model says of a key. */
  keyOf(key: string): ConfigurationKey | undefined {
    return this.#model.configuration.find(one => one.key === key)
  }

  /** What the CSMS gives: unless the case wants another, as the station's seed states it. */
  heartbeatS(): number {
    return this.options.heartbeatS ?? Number(this.keyOf('HeartbeatInterval')?.default)
  }

  // ---------------------------------------------------------------- what the CSMS does

  /** A command; gives the conf. */
  async command(action: string, payload: object): Promise<Fields> {
    const outcome = await this.send(action, payload)
    holds(outcome.kind === 'result', `${action} ended as ${text(outcome)}`)
    return outcome.payload
  }

  send(action: string, payload: object): Promise<WireOutcome> {
    return this.csms.call(STATION_ID, action, payload)
  }

  async answers(status: string, action: string, payload: object): Promise<void> {
    const conf = await this.command(action, payload)
    holds(conf.status === status, `${action} was answered ${text(conf)}, expected ${status}`)
  }

  // ---------------------------------------------------------------- what the CSMS sees

  /** The next CALLs, in this order and nothing between them but Heartbeats and MeterValues that are not named. */
  async sees(...steps: readonly Step[]): Promise<void> {
    const left = [...steps]
    while (left.length > 0) {
      if (left.every(step => step.isOptional === true) && !this.#isNext(left)) return
      const call = await this.#next(left)
      while (left[0] !== undefined && !fits(call, left[0])) {
        const skipped = left.shift()
        holds(skipped?.isOptional === true, `the CSMS saw ${textOf(call)}, expected ${stepText(skipped)}`)
      }
      left.shift()
    }
  }

  /** The next CALLs, in any order. */
  async seesAnyOrder(...steps: readonly Step[]): Promise<void> {
    const left = [...steps]
    while (left.some(step => step.isOptional !== true)) {
      const call = await this.#next(left)
      const wanted = left.findIndex(step => step.isOptional !== true && fits(call, step))
      const at = wanted >= 0 ? wanted : left.findIndex(step => fits(call, step))
      holds(at >= 0, `the CSMS saw ${textOf(call)}, expected one of ${left.map(stepText).join(', ')}`)
      left.splice(at, 1)
    }
  }

  /** Until the station has the answer to such a CALL, to the moment. */
  async answered(action: string): Promise<void> {
    const { clock } = this.world.portsFor('observer')
    const isThere = (): boolean =>
      this.log.frames.some(
        frame =>
          frame.end === 'station' && frame.way === 'in' && frame.kind === 'result' && frame.action === action,
      )
    for (let waitedMs = 0; !isThere(); waitedMs += LOOK_MS) {
      holds(waitedMs <= STEP_LIMIT_MS, `${action} of the station was never answered`)
      await new Promise<void>(resolve => clock.after(LOOK_MS, resolve))
    }
  }

  /** Nothing but background, and none of `forbidden`, for so long. */
  async quiet(durationMs: number, ...forbidden: readonly string[]): Promise<void> {
    await this.pause(durationMs)
    const seen = this.#pending().filter(({ action }) => !BACKGROUND.has(action) || forbidden.includes(action))
    holds(seen.length === 0, `the CSMS saw ${seen.map(textOf).join(', ')} though nothing was to come`)
  }

  /** CALLs of one action since the last step that were not named. */
  background(action: string): readonly Fields[] {
    return this.csms.seen.filter(call => call.action === action).map(({ payload }) => payload)
  }

  /** Until both ends have the answers to what was seen, on the worst line too. */
  settle(): Promise<void> {
    return this.pause(5_000)
  }

  pause(durationMs: number): Promise<void> {
    return new Promise(resolve => this.world.portsFor('observer').clock.after(durationMs, resolve))
  }

  /** What was seen until now counts no more. */
  forget(): void {
    this.#cursor = this.csms.seen.length
  }

  bootSteps(status = 'Available'): readonly Step[] {
    const ids = this.station.connectors.map(({ id }) => id)
    return [msg('BootNotification', {}), sn(undefined, 0), ...ids.map(id => sn(status, id))]
  }

  #pending(): readonly SeenCall[] {
    return this.csms.seen.slice(this.#cursor)
  }

  #isNext(steps: readonly Step[]): boolean {
    return this.#pending().some(call => steps.some(step => fits(call, step)))
  }

  async #next(steps: readonly Step[]): Promise<SeenCall> {
    const named = new Set(steps.map(({ action }) => action))
    const { clock } = this.world.portsFor('observer')
    for (let waitedMs = 0; waitedMs <= STEP_LIMIT_MS; waitedMs += LOOK_MS) {
      for (const call of this.#pending()) {
        this.#cursor++
        if (!BACKGROUND.has(call.action) || named.has(call.action)) return call
      }
      await new Promise<void>(resolve => clock.after(LOOK_MS, resolve))
    }
    throw new CaseFault(`the CSMS never saw ${steps.map(stepText).join(', ')}`)
  }
}

export function msg(action: string, fields: Readonly<Record<string, unknown>>): Step {
  return { action, fields }
}

export function sn(status: string | undefined, connectorId = 1, errorCode = 'NoError'): Step {
  return msg('StatusNotification', { connectorId, errorCode, ...(status !== undefined && { status }) })
}

export function auth(idTag: string = TAGS.valid): Step {
  return msg('Authorize', { idTag })
}

/** A status that may come and need not. */
export function allowed(status: string, connectorId = 1): readonly Step[] {
  return [{ ...sn(status, connectorId), isOptional: true }]
}

function fits({ action, payload }: SeenCall, step: Step): boolean {
  const found: Fields = payload
  return (
    action === step.action &&
    Object.entries(step.fields).every(([key, value]) => text(found[key]) === text(value))
  )
}

const textOf = ({ action, payload }: SeenCall): string => `${action} ${text(payload)}`
const stepText = (step: Step | undefined): string =>
  step === undefined
    ? 'nothing'
    : `${step.isOptional === true ? '[' : ''}${step.action} ${text(step.fields)}${step.isOptional === true ? ']' : ''}`

/** Large enough that the circuit never binds: the plan tests messages, not load control. */
function configOf(
  { device = DEFAULT_DEVICE, connectors = 1, loadControl }: RigOptions,
  csmsUrl: string,
): unknown {
  return {
    version: 1,
    site: { id: 'conformance', timeZone: 'Europe/Berlin', profile: 'workplace' },
    circuits: [{ id: 'main', ratedCurrentA: 6_300, worstCaseOtherLoadA: 10 }],
    ocpp: { port: 9000 },
    csms: { url: csmsUrl },
    stations: [
      {
        id: STATION_ID,
        device,
        circuit: 'main',
        ...(loadControl && { loadControl }),
        connectors: Array.from({ length: connectors }, (_, index) => ({
          id: index + 1,
          phases: 'L1L2L3',
          phaseRotation: 'RST',
          maxCurrentA: 32,
          failSafeCurrentA: 6,
        })),
      },
    ],
    web: { port: 8080, plainHttp: 'serve' },
  }
}
