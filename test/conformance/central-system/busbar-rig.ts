/**
 * Busbar alone in a simulated world, no CSMS behind it: one gateway for the whole suite, one station identity per case.
 * Commands are ordered over the web API as an operator does.
 */
import { isDeepStrictEqual } from 'node:util'
import { readDataFiles } from '../../../src/adapters/data-files.js'
import { parseSiteConfig } from '../../../src/core/config/site-faults.js'
import { buildCatalogue } from '../../../src/gateway/catalogue.js'
import type { Gateway } from '../../../src/gateway/options.js'
import { startGateway } from '../../../src/gateway.js'
import type { Ports } from '../../../src/ports.js'
import { Csms } from '../../../src/sim/csms.js'
import type { WireAnswer } from '../../../src/sim/framing.js'
import { createWorld, type World } from '../../../src/sim/ports/world.js'
import { CaseFault, type Fields, holds, same, text } from '../check.js'
import { PASSWORD, passwordsOf, TOY_CERTIFICATES, WITH_PASSWORD } from './credentials.js'
import { type ContractOrder, type Order, type Rig, type Supply, status, type Tags } from './rig.js'
import { ScriptedStation } from './scripted-station.js'

export type Quality = 'lab' | 'worst'

/** A Central System that does wrong, to show that a case can fail. */
export interface Mutation {
  /** The frames that reach the station instead of this one. */
  readonly toStation?: (frame: string) => readonly string[]
  /** What the orderer reads. */
  readonly toOrderer?: (answer: WireAnswer) => WireAnswer
  /** What it keeps on its disk. */
  readonly gatewayPorts?: (ports: Ports) => Ports
}

export interface BenchStation {
  readonly id: string
  /** Name of its file under devices/stations/. */
  readonly device: string
}

const OCPP_PORT = 9000
/** Of security profile 1. */
const HIGHER_PORT = 9001
const WEB_PORT = 8080
const DARK_MS = 5_000
const OPERATOR = { name: 'admin', password: 'conformance' }
/** Seed 002 §8.2.2: the lab's worst uplink. */
const WORST = { toListenerMs: 1_000, toDialerMs: 1_000, bytesPerSecond: 5_000 }

const TAGS: Tags = {
  valid: 'TAG-VALID',
  invalid: 'TAG-INVALID',
  expired: 'TAG-EXPIRED',
  blocked: 'TAG-BLOCKED',
  sibling: 'TAG-SIBLING',
  parent: 'PARENT',
}

export class BusbarBench {
  readonly world: World
  readonly #csms: Csms | undefined
  #start: (() => Promise<Gateway>) | undefined
  #gateway: Gateway | undefined

  /** `away`: there is a CSMS that has accepted every station once, and has gone since. */
  constructor(
    readonly quality: Quality,
    readonly mutation: Mutation = {},
    csms: 'none' | 'away' = 'none',
    readonly loadControl?: 'csms',
  ) {
    this.world = createWorld({ seed: 'conformance' })
    if (quality === 'worst') this.world.network.setQuality(WORST)
    if (csms === 'away')
      this.#csms = new Csms({ ports: this.world.portsFor('csms'), host: 'csms', port: 9100 })
  }

  async open(stations: readonly BenchStation[]): Promise<void> {
    const catalogue = buildCatalogue(readDataFiles(process.cwd()))
    if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.faults))
    const config = parseSiteConfig(configOf(stations, this.#csms?.url, this.loadControl), catalogue.value)
    if (!config.ok) throw new Error(JSON.stringify(config.faults))
    const { secrets, log } = this.world.ports
    const passwordHash = await secrets.hash(OPERATOR.password)
    const passwords = passwordsOf(WITH_PASSWORD, log)
    const options = {
      config: config.value,
      catalogue: catalogue.value,
      users: {
        find: async (name: string) =>
          name === OPERATOR.name ? { name: OPERATOR.name, passwordHash } : undefined,
      },
      passwordOf: passwords.current,
      passwords,
    }
    const csms = this.#csms
    if (csms !== undefined) await this.world.until(csms.start())
    this.#start = () => {
      const ports = { ...this.world.ports, certificates: TOY_CERTIFICATES }
      return startGateway(this.mutation.gatewayPorts?.(ports) ?? ports, options)
    }
    this.#gateway = await this.world.until(this.#start())
    if (csms === undefined) return
    await this.world.until(Promise.all(stations.map(({ id }) => this.#acceptedOnce(id))))
    await this.world.until(csms.setOnline(false))
  }

  /** As long ago: a station the CSMS has never accepted is not served without it (proxy rule 13). */
  async #acceptedOnce(stationId: string): Promise<void> {
    const { station } = this.rigFor(stationId)
    await station.connect()
    await station.call('BootNotification', { chargePointVendor: 'Scripted', chargePointModel: 'Case' })
    // what is in the cache may charge without the CSMS
    for (const idTag of [TAGS.valid, TAGS.sibling]) await station.call('Authorize', { idTag })
    station.cut()
  }

  /** There is one where the books are Busbar's own: what waits for a CSMS is in the other suite. */
  get supply(): Supply | undefined {
    return this.#csms === undefined
      ? { cut: () => this.#cut(), bookedOf: id => this.#bookedOf(id) }
      : undefined
  }

  async #cut(): Promise<void> {
    this.#gateway = undefined
    this.world.powerCut()
    await new Promise<void>(resolve => this.world.portsFor('observer').clock.after(DARK_MS, resolve))
    this.#gateway = await this.#start?.()
  }

  async #bookedOf(transactionId: number): Promise<Readonly<Record<string, string>> | undefined> {
    const response = await this.#asOperator('transactions.csv')
    const [head = [], ...rows] = (await response.text()).split(/\r?\n/).map(line => line.split(','))
    const found = rows.find(([id]) => id === `${transactionId}`)
    return found && Object.fromEntries(head.map((name, column) => [name, found[column] ?? '']))
  }

  async close(): Promise<void> {
    await this.#csms?.stop()
    if (this.#gateway !== undefined) await this.world.until(this.#gateway.stop())
  }

  rigFor(stationId: string): BusbarRig {
    const station = new ScriptedStation({
      ports: this.world.portsFor(stationId),
      url: `ws://busbar:${OCPP_PORT}/ocpp`,
      id: stationId,
      password: WITH_PASSWORD.has(stationId) ? PASSWORD : undefined,
      tamper: this.mutation.toStation,
      isAlone: true,
    })
    return this.loadControl === undefined ? new BusbarRig(this, station) : new DrivenRig(this, station)
  }

  /** As an operator gives it: POST, and the station's answer back. */
  async command(stationId: string, action: string, payload: object): Promise<WireAnswer> {
    const response = await this.#asOperator(`stations/${stationId}/commands/${action}`, {
      method: 'POST',
      body: JSON.stringify(payload),
    })
    const body: Fields = await response.json()
    if (response.status !== 200)
      throw new CaseFault(`${action} was not given: ${response.status} ${text(body)}`)
    const answer: WireAnswer =
      body.error === undefined
        ? { kind: 'result', payload: body.answer }
        : { kind: 'error', code: body.error.code, description: body.error.description }
    return this.mutation.toOrderer?.(answer) ?? answer
  }

  #asOperator(path: string, init: RequestInit = {}): Promise<Response> {
    const origin = `http://127.0.0.1:${WEB_PORT}`
    const headers = {
      authorization: `Basic ${btoa(`${OPERATOR.name}:${OPERATOR.password}`)}`,
      'content-type': 'application/json',
      origin,
    }
    return this.world.http.request(new Request(`${origin}/api/v1/${path}`, { ...init, headers }))
  }
}

class BusbarRig implements Rig {
  readonly tags = TAGS
  readonly higherUrl = `ws://busbar:${HIGHER_PORT}/ocpp`
  readonly isBusbar: boolean = true
  readonly supply?: Supply

  constructor(
    protected readonly bench: BusbarBench,
    readonly station: ScriptedStation,
  ) {
    if (bench.supply !== undefined) this.supply = bench.supply
  }

  async order(order: Order): Promise<Fields> {
    const { action, payload, answer, forwarded = payload } = order
    const hearing = this.station.hear({
      action,
      matches: got => isDeepStrictEqual(got, forwarded),
      answer,
    })
    try {
      const told = await this.bench.command(this.station.id, action, payload)
      holds(
        hearing.heard.length > 0,
        `the station never got ${action} ${text(forwarded)}; ${text(told)} was told`,
      )
      same(told, answer, `what the orderer of ${action} was told`)
      return hearing.heard[0]
    } finally {
      hearing.end()
    }
  }

  async contract({ action, payload, expected }: ContractOrder): Promise<Fields> {
    const told = await this.bench.command(this.station.id, action, payload)
    const found = outcomeName(told)
    holds(expected.includes(found), `${action} was answered ${found}, expected ${expected.join(' or ')}`)
    return told.kind === 'result' ? told.payload : {}
  }

  async refused(action: string, payload: Readonly<Record<string, unknown>>): Promise<void> {
    const hearing = this.station.hear({ action, matches: () => true, answer: status('Accepted') })
    try {
      const told = await this.bench.command(this.station.id, action, payload)
      const found = outcomeName(told)
      holds(
        found === 'Rejected' || found === 'PropertyConstraintViolation',
        `${action} was answered ${found}`,
      )
      same(hearing.heard, [], `what the station got although ${action} must be refused`)
    } finally {
      hearing.end()
    }
  }

  async knowTags(): Promise<void> {
    const expiryDate = this.station.timestamp(60_000)
    await this.order({
      action: 'SendLocalList',
      payload: {
        listVersion: 1,
        updateType: 'Full',
        localAuthorizationList: [
          { idTag: TAGS.valid, idTagInfo: { status: 'Accepted', parentIdTag: TAGS.parent } },
          { idTag: TAGS.sibling, idTagInfo: { status: 'Accepted', parentIdTag: TAGS.parent } },
          { idTag: TAGS.invalid, idTagInfo: { status: 'Invalid' } },
          { idTag: TAGS.expired, idTagInfo: { status: 'Accepted', expiryDate } },
          { idTag: TAGS.blocked, idTagInfo: { status: 'Blocked' } },
        ],
      },
      answer: status('Accepted'),
    })
  }
}

/** The station is driven by whoever gives the orders (proxy rule 19): each reaches it as it is, and it judges itself. */
class DrivenRig extends BusbarRig {
  override readonly isBusbar = false

  override order({ forwarded: _, ...order }: Order): Promise<Fields> {
    return super.order(order)
  }

  override async contract({ action, payload }: ContractOrder): Promise<Fields> {
    const hearing = this.station.hear({
      action,
      matches: got => isDeepStrictEqual(got, payload),
      answer: 'own',
    })
    try {
      const told = await this.bench.command(this.station.id, action, payload)
      holds(
        hearing.heard.length > 0,
        `the station never got ${action} ${text(payload)}; ${text(told)} was told`,
      )
      return undefined
    } finally {
      hearing.end()
    }
  }

  override async refused(action: string, payload: Readonly<Record<string, unknown>>): Promise<void> {
    await super.order({ action, payload, answer: status('Rejected') })
  }
}

function outcomeName(answer: WireAnswer): string {
  if (answer.kind === 'error') return answer.code
  return answer.kind === 'result' ? Reflect.get(answer.payload, 'status') : 'nothing'
}

/** Large enough that what other cases have left booked never matters. */
function configOf(
  stations: readonly BenchStation[],
  csmsUrl: string | undefined,
  loadControl: 'csms' | undefined,
): unknown {
  return {
    version: 1,
    site: { id: 'conformance', timeZone: 'Europe/Berlin', profile: 'workplace' },
    circuits: [{ id: 'main', ratedCurrentA: 6_300, worstCaseOtherLoadA: 10 }],
    ocpp: {
      listeners: [
        { port: OCPP_PORT, securityProfile: 0 },
        { port: HIGHER_PORT, securityProfile: 1 },
      ],
      tls: { stationCertificates: 'site' },
    },
    ...(csmsUrl !== undefined && { csms: { url: csmsUrl } }),
    stations: stations.map(({ id, device }) => ({
      id,
      device,
      circuit: 'main',
      ...(loadControl !== undefined && { loadControl }),
      connectors: [{ id: 1, phases: 'L1L2L3', phaseRotation: 'RST', maxCurrentA: 32, failSafeCurrentA: 6 }],
    })),
    web: { port: WEB_PORT, plainHttp: 'serve' },
  }
}
