/**
 * The people of a simulated depot: cars come, a tag is shown, cars are full or time is up, cars leave, the next one
 * comes. One bay = one connector. Must not know the CSMS or Busbar.
 */
import type { Ports, Stoppable, Timer } from '../ports.js'
import { type CarSpec, createCar, isFull } from './car.js'
import type { Connector } from './station/connector.js'

export interface BayOptions {
  readonly ports: Pick<Ports, 'clock' | 'random'>
  readonly connector: Connector
  /** The tag of the driver who parks here; at most 20 characters. */
  readonly idTag: string
  /** Default: a busy depot, a car every few minutes. */
  readonly habits?: Habits
}

interface Range {
  readonly least: number
  readonly most: number
}

/** How long people stay, how long a place stays empty, and what they drive. */
export interface Habits {
  readonly gapMs: Range
  readonly stayMs: Range
  car(): CarSpec
}

/** Most of a depot is occupied within this time after the start. */
const FIRST_ARRIVAL_MS = 25_000
const GAP_MS = { least: 20_000, most: 180_000 } as const
const STAY_MS = { least: 8 * 60_000, most: 45 * 60_000 } as const
const TAG_MS = { least: 1_000, most: 4_000 } as const
/** How often a driver looks at the car. */
const LOOK_EVERY_MS = 15_000
const WANTS_WH = { least: 3_000, most: 25_000 } as const
/** Some drivers pull the cable without showing the tag. */
const PULLS_CABLE = 0.2

export class Bay implements Stoppable {
  private timer: Timer | undefined
  private leavesMs = 0
  private readonly habits: Habits

  constructor(private readonly options: BayOptions) {
    this.habits = options.habits ?? { gapMs: GAP_MS, stayMs: STAY_MS, car: () => this.anyCar() }
  }

  start(): void {
    this.later({ least: 1_000, most: FIRST_ARRIVAL_MS }, () => this.arrive())
  }

  async stop(): Promise<void> {
    this.timer?.cancel()
  }

  private arrive(): void {
    const { connector, ports } = this.options
    if (connector.status() === 'Available') {
      connector.plugIn(createCar(this.habits.car()))
      this.leavesMs = ports.clock.monoMs() + this.between(this.habits.stayMs)
      this.later(TAG_MS, () => this.look())
    } else this.later(this.habits.gapMs, () => this.arrive())
  }

  /** Shows the tag while nothing has begun (again when it was refused), leaves when full or when time is up. */
  private look(): void {
    const { connector, ports, idTag } = this.options
    const car = connector.car()
    const full = car !== undefined && isFull(car)
    if (full || ports.clock.monoMs() >= this.leavesMs) {
      this.leave()
      return
    }
    if (connector.status() === 'Preparing') connector.presentTag(idTag)
    this.timer = ports.clock.after(LOOK_EVERY_MS, () => this.look())
  }

  private leave(): void {
    const { connector, ports, idTag } = this.options
    if (connector.transaction() && ports.random.next() >= PULLS_CABLE) connector.presentTag(idTag)
    this.later(TAG_MS, () => {
      connector.unplug()
      this.later(this.habits.gapMs, () => this.arrive())
    })
  }

  private anyCar(): CarSpec {
    const dice = this.options.ports.random.next()
    const wantsWh = this.between(WANTS_WH)
    if (dice < 0.25)
      return { phases: 1, maxA: dice < 0.12 ? 32 : 16, wantsWh: wantsWh / 2, reactionMs: 5_000 }
    if (dice < 0.35) return { phases: 2, maxA: 16, wantsWh, reactionMs: 5_000 }
    return { phases: 3, maxA: dice < 0.75 ? 16 : 32, wantsWh, reactionMs: dice < 0.9 ? 3_000 : 5_000 }
  }

  private later(range: Range, run: () => void): void {
    this.timer = this.options.ports.clock.after(this.between(range), run)
  }

  private between({ least, most }: Range): number {
    return least + this.options.ports.random.next() * (most - least)
  }
}
