/**
 * A simulated electric car: what it takes of what the pilot signal offers (IEC 61851-1). It must not know OCPP,
 * profiles or time; the outlet it stands at moves its clock and its energy.
 */

export interface CarSpec {
  /** Phases the charger on board uses, from its own L1 on. */
  readonly phases: 1 | 2 | 3
  /** The most it takes per phase, 6-32 A. */
  readonly maxA: number
  /** Energy until it is full, Wh. */
  readonly wantsWh: number
  /** From a new pilot signal to the new current; IEC 61851-1 allows 5 s. */
  readonly reactionMs: number
  /** What it tells a station that asks for its identity (DIN 70121, ISO 15118). */
  readonly evccId?: string
}

export interface Car {
  readonly spec: CarSpec
  /** Phases in use: its `spec.phases` until it switches. */
  phases: CarSpec['phases']
  /** Taken since it came, Wh. */
  takenWh: number
}

/** IEC 61851-1: no car charges below this. */
export const LEAST_CURRENT_A = 6

/** The last part of the battery is charged ever slower; 8 % is a usual size of that part. */
const TAPER_SHARE = 0.08

export function createCar(spec: CarSpec): Car {
  return { spec, phases: spec.phases, takenWh: 0 }
}

export function isFull(car: Car): boolean {
  return car.takenWh >= car.spec.wantsWh
}

/** Amps per used phase the car takes while the pilot offers `offeredA`; 0 below 6 A or when full. */
export function takesA(car: Car, offeredA: number): number {
  if (offeredA < LEAST_CURRENT_A || isFull(car)) return 0
  const left = (car.spec.wantsWh - car.takenWh) / (car.spec.wantsWh * TAPER_SHARE)
  // A car near its end still takes a little: it never creeps for hours below 2 A.
  const ownA = left >= 1 ? car.spec.maxA : Math.max(2, car.spec.maxA * left)
  return Math.min(offeredA, ownA)
}
