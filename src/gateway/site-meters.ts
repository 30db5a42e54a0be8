/**
 * The meters of the running site: polled, made of others, counted, and shown to people. What they say goes to control and
 * nowhere else.
 */
import type { SiteConfig } from '../core/config/site.js'
import type { Controller } from '../core/control/controller.js'
import type { MeterTraffic } from '../core/events.js'
import { markStrangers, type StrangerMark, strangersIn } from '../core/measuring/line-company.js'
import { meterValues } from '../core/view/meter-values.js'
import { type Meters, startMeters } from '../modbus/meter-poller.js'
import { withOwnModels } from '../modbus/own-model.js'
import type { Clock, Ports, Stoppable } from '../ports.js'
import type { MeterDesk } from '../web/meter-desk.js'
import type { DeviceCatalogue } from './catalogue.js'
import type { ControlLoop } from './control-loop.js'
import { meterDesk, type SerialLines } from './meter-desk.js'
import { StationWiringTests } from './station-wiring-tests.js'
import { WiringChecks } from './wiring-checks.js'

/** Counters move with every poll; whoever follows the site need not hear of each. */
const TOLD_EVERY_MS = 60_000

export interface SiteMeters extends Running {
  /** Reads what is configured now. */
  renew(): Promise<void>
}

interface Running extends Stoppable {
  readonly desk: MeterDesk
  /** Totals over all lines. */
  counters(): Readonly<Record<string, number>>
  /** Wiring tests of stations. */
  readonly stationTests: Pick<StationWiringTests, 'run' | 'view'>
  /** Now, by meter. */
  traffic(): ReadonlyMap<string, MeterTraffic>
  /** As last told. */
  toldTraffic(meterId: string): MeterTraffic | undefined
  /** Answers on its line that nobody here had asked for, within ten minutes; undefined while they tell nothing. */
  strangers(meterId: string): number | undefined
  /** What somebody else wants to read of a meter. */
  passThrough: Meters['passThrough']
  tryNow: Meters['tryNow']
}

export interface SiteMetersParts {
  readonly ports: Ports
  readonly pageClock: Clock
  /** As it is now. */
  config(): SiteConfig
  readonly catalogue: DeviceCatalogue
  readonly controller: Controller
  readonly loop: ControlLoop
  /** None in simulation. */
  readonly serial: SerialLines | undefined
}

const NO_SERIAL_LINES: SerialLines = { list: () => [], realPath: path => path }

export function startSiteMeters(parts: SiteMetersParts): SiteMeters {
  let now = begin(parts)
  return {
    desk: {
      values: id => now.desk.values(id),
      scan: wish => now.desk.scan(wish),
      read: wish => now.desk.read(wish),
      checkWiring: (id, running) => now.desk.checkWiring(id, running),
      wiringCheck: id => now.desk.wiringCheck(id),
    },
    stationTests: {
      run: (stationId, running, by) => now.stationTests.run(stationId, running, by),
      view: stationId => now.stationTests.view(stationId),
    },
    counters: () => now.counters(),
    traffic: () => now.traffic(),
    toldTraffic: id => now.toldTraffic(id),
    strangers: id => now.strangers(id),
    passThrough: (id, read) => now.passThrough(id, read),
    tryNow: id => now.tryNow(id),
    renew: async () => {
      // two masters on one line read wrong values or none
      await now.stop()
      now = begin(parts)
    },
    stop: () => now.stop(),
  }
}

function begin(parts: SiteMetersParts): Running {
  const { ports, catalogue, controller, loop } = parts
  const config = parts.config()
  const devices = withOwnModels(catalogue.meters, config.meterModels)
  const checks = new WiringChecks(config, controller, () => ports.clock.monoMs())
  const stationTests = new StationWiringTests(parts.config, controller, loop)
  const meters = startMeters({
    ports,
    meters: config.meters,
    devices,
    on: reading => {
      loop.onMeter(reading)
      checks.take(reading)
      stationTests.take(reading)
    },
    disbelieved: meterId => controller.disbelieved(meterId, ports.clock.monoMs()),
  })
  const traffic = (): ReadonlyMap<string, MeterTraffic> =>
    new Map(
      config.meters.flatMap(({ id }) => {
        const found = meters.trafficOf(id)
        return found === undefined ? [] : [[id, found]]
      }),
    )
  const company = new Map<string, readonly StrangerMark[]>()
  let told: { readonly atMs: number; readonly traffic: ReadonlyMap<string, MeterTraffic> } = {
    atMs: -Infinity,
    traffic: new Map<string, MeterTraffic>(),
  }
  return {
    desk: meterDesk({
      ports: { ...ports, clock: parts.pageClock },
      devices,
      serial: parts.serial ?? NO_SERIAL_LINES,
      meters: config.meters,
      checks,
      values: id => {
        const values = meterValues(controller.state, id, loop.siteNow())
        const now = meters.trafficOf(id)
        return values === undefined || now === undefined ? values : { ...values, traffic: now }
      },
    }),
    stationTests,
    counters: () => ({ ...meters.counters }),
    traffic,
    toldTraffic: meterId => {
      const nowMs = ports.clock.monoMs()
      if (nowMs - told.atMs >= TOLD_EVERY_MS) {
        told = { atMs: nowMs, traffic: traffic() }
        for (const { id } of config.meters) {
          const mark = { monoMs: nowMs, strangers: meters.strangersOf(id) ?? 0 }
          company.set(id, markStrangers(company.get(id) ?? [], mark))
        }
      }
      return told.traffic.get(meterId)
    },
    strangers: meterId => strangersIn(company.get(meterId) ?? []),
    passThrough: (meterId, read) => meters.passThrough(meterId, read),
    tryNow: meterId => meters.tryNow(meterId),
    stop: () => meters.stop(),
  }
}
