/** Who comes to the bays of a soak depot: when, for how long, with what car. */
import type { CarSpec } from '../car.js'
import type { Habits } from '../drivers.js'
import type { SimRandom } from '../ports/sim-random.js'
import { among, oneOf, whole } from './depot.js'

/** Station and car together: what the promise counts with, less the station's 0.2 s. */
const REACTION_MS = 11_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

export const USUAL_GAP = { least: MINUTE_MS, most: HOUR_MS }
/** Half an hour is over before most of the others would come. */
export const BRISK_GAP = { least: MINUTE_MS / 2, most: 4 * MINUTE_MS }

export function habitsOf(random: SimRandom, pilotHoldMs: number, gapMs: Habits['gapMs']): Habits {
  return {
    gapMs,
    stayMs: { least: 20 * MINUTE_MS, most: 6 * HOUR_MS },
    car: (): CarSpec => ({
      phases: oneOf(random, [1, 2, 3, 3, 3] as const),
      maxA: oneOf(random, [16, 16, 32] as const),
      wantsWh: whole(random, 4_000, 45_000),
      // A station that holds its pilot for 5 s leaves the car the rest.
      reactionMs: Math.round(among(random, 5_000, REACTION_MS - (pilotHoldMs > 1_000 ? pilotHoldMs : 0))),
    }),
  }
}
