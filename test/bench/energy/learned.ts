/**
 * Departures as Busbar would have learned them from the sessions before, station by station (the sessions name no users): what
 * a habit says when a car comes, and a visit more when it leaves. The month begins on a Friday; summer time is left out.
 */
import { type Expected, expected, type Habit, visitOf, withVisit } from '../../../src/core/control/habits.js'
import { type AcnSession, STEP_MS } from './acn.js'

const STEPS_PER_DAY = 288
const FIRST_WEEKDAY = 5
const DAY_MINUTES = 24 * 60

/** What is known of a session when it begins. */
export type Knows = 'departures' | 'learned' | 'nothing'

export interface Guess extends Expected {
  readonly stayMs: number
}

export class Learned {
  readonly #habits = new Map<string, Habit>()

  expect({ stationId, arrival }: AcnSession): Guess | undefined {
    const came = momentOf(arrival)
    const found = expected(this.#habits.get(stationId) ?? [], came)
    if (found === undefined) return undefined
    const stayMin = (found.leavesMin - came.minute + DAY_MINUTES) % DAY_MINUTES
    return { ...found, stayMs: stayMin * 60_000 }
  }

  /** It has left, with so much. */
  learn({ stationId, arrival, departure }: AcnSession, energyWh: number): void {
    const stayMs = (departure - arrival) * STEP_MS
    const visit = visitOf(momentOf(arrival), momentOf(departure), { stayMs, energyWh })
    if (visit !== undefined) this.#habits.set(stationId, withVisit(this.#habits.get(stationId) ?? [], visit))
  }
}

function momentOf(step: number): { readonly weekday: number; readonly minute: number } {
  const weekday = (FIRST_WEEKDAY + Math.floor(step / STEPS_PER_DAY)) % 7
  return { weekday, minute: ((step % STEPS_PER_DAY) * STEP_MS) / 60_000 }
}
