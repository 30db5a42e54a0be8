/**
 * Other load of one circuit in the soak: an office day with noise and steps, never above its worst case, and a step that a
 * fault asks for. Must not know stations.
 */
import type { PerPhase } from '../../core/site/phases.js'
import { among, type Dice } from './depot.js'

const NOISE_SHARE = 0.03
const STEP_CHANCE = 1 / 90
const MOST_SHARE = 0.98
const DAY_MS = 86_400_000

export class Base {
  #steps: PerPhase = [0, 0, 0]
  #askedA: number | undefined

  constructor(
    private readonly dice: Dice,
    private readonly worstA: number,
  ) {}

  /** At least this much on every phase, within the worst case; undefined = the day goes on as it likes. */
  ask(loadA: number | undefined): void {
    this.#askedA = loadA
  }

  /** The load from now on, A per phase; asked every two seconds or so. */
  turn(wallMs: number): PerPhase {
    if (this.worstA === 0) return [0, 0, 0]
    const hours = (wallMs % DAY_MS) / 3_600_000
    const day = 0.3 + 0.35 * Math.max(0, Math.sin(((hours - 5) / 14) * Math.PI))
    if (this.dice.next() < STEP_CHANCE) {
      const stepped = this.#steps.some(step => step !== 0)
      const step = (): number => (this.dice.next() < 0.5 ? among(this.dice, 0, 0.3) : 0)
      this.#steps = stepped ? [0, 0, 0] : [step(), step(), step()]
    }
    const phase = (share: number, step: number): number => {
      const noise = (this.dice.next() * 2 - 1) * NOISE_SHARE
      const dayA = this.worstA * Math.min(MOST_SHARE, Math.max(0.02, day * share + noise + step))
      return Math.min(this.worstA * MOST_SHARE, Math.max(dayA, this.#askedA ?? 0))
    }
    return [phase(1, this.#steps[0]), phase(0.9, this.#steps[1]), phase(0.8, this.#steps[2])]
  }
}
