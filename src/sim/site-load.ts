/**
 * The other load of a simulated site, per phase: an office day, noise, and steps as lifts and kitchens make them.
 * Never above its worst case, because the configuration promises that. Must not know stations.
 */
import type { PerPhase } from '../core/site/phases.js'
import type { Ports, Stoppable, Timer } from '../ports.js'

export interface SiteLoadOptions {
  readonly ports: Pick<Ports, 'clock' | 'random'>
  /** `worstCaseOtherLoadA` of the configuration. */
  readonly worstCaseA: number
}

/** Share of the worst case at each hour of the day (UTC); interpolated between. Night still has servers and pumps. */
const OFFICE_DAY = [
  0.3, 0.3, 0.3, 0.3, 0.32, 0.38, 0.48, 0.58, 0.64, 0.66, 0.66, 0.68, 0.6, 0.62, 0.66, 0.64, 0.58, 0.5, 0.44,
  0.4, 0.36, 0.34, 0.32, 0.3,
] as const
/** Phases of a building are never loaded alike. */
const PHASE_SHARE: PerPhase = [1, 0.92, 0.84]
const NOISE_EVERY_MS = 2_000
const NOISE_SHARE = 0.015
/** A step comes at every n-th noise turn on average, and goes at the next one. */
const STEP_CHANCE = 1 / 60
const STEP_SHARE = 0.15
const MOST_SHARE = 0.97

export class SiteLoad implements Stoppable {
  private noise: PerPhase = [0, 0, 0]
  private step: PerPhase = [0, 0, 0]
  private extraA = 0
  private timer: Timer | undefined

  constructor(private readonly options: SiteLoadOptions) {}

  start(): void {
    this.timer ??= this.options.ports.clock.every(NOISE_EVERY_MS, () => this.turn())
  }

  async stop(): Promise<void> {
    this.timer?.cancel()
    this.timer = undefined
  }

  /** A lever: this much more on every phase (within the worst case). */
  setExtraA(extraA: number): void {
    this.extraA = extraA
  }

  /** Amps on site L1, L2, L3 now. */
  currentA(): PerPhase {
    const { worstCaseA, ports } = this.options
    const day = shareOfDay(ports.clock.wallMs())
    const phase = (own: number, noise: number, step: number) => {
      const share = Math.min(MOST_SHARE, Math.max(0.05, day * own + noise + step))
      return Math.min(worstCaseA * MOST_SHARE, worstCaseA * share + this.extraA)
    }
    return [
      phase(PHASE_SHARE[0], this.noise[0], this.step[0]),
      phase(PHASE_SHARE[1], this.noise[1], this.step[1]),
      phase(PHASE_SHARE[2], this.noise[2], this.step[2]),
    ]
  }

  private turn(): void {
    const { random } = this.options.ports
    const wobble = () => (random.next() * 2 - 1) * NOISE_SHARE
    this.noise = [wobble(), wobble(), wobble()]
    if (random.next() >= STEP_CHANCE) return
    const stepped = this.step.some(share => share !== 0)
    const size = () => (random.next() < 0.5 ? STEP_SHARE * random.next() : 0)
    this.step = stepped ? [0, 0, 0] : [size(), size(), size()]
  }
}

function shareOfDay(wallMs: number): number {
  const hours = (wallMs % 86_400_000) / 3_600_000
  const hour = Math.floor(hours)
  const from = OFFICE_DAY[hour % 24] ?? 0.3
  const to = OFFICE_DAY[(hour + 1) % 24] ?? 0.3
  return from + (to - from) * (hours - hour)
}
