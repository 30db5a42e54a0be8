/**
 * Virtual time. `SimTime` is the one time line of a world and runs its events; `SimClock` is the Clock of one peer on
 * it, with a wall clock of its own that a test can jump. Between two events every microtask is drained: each event
 * runs in a setImmediate turn of its own, because node drains the microtasks after each of them. Real time is unknown here.
 */
import type { Clock, Timer } from '../../ports.js'
import { type EventOwner, EventQueue, type SimEvent } from './event-queue.js'

/** Turns asked of node at once; a loop iteration costs far more than a turn. */
const MOST_TURNS_AT_ONCE = 256
/** Turns given to a promise that waits for nothing simulated before `until` gives it up. */
const IDLE_TURNS = 50

const MINUTE_MS = 60_000

/** Owner of what belongs to the world itself: packets under way, test steps. */
const WORLD: EventOwner = { on: true }

type Progress = 'more' | 'done'

export class SimTime {
  readonly #queue = new EventQueue()
  #nowMs = 0
  #running = false
  #eventsRun = 0

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs
  }

  get eventsRun(): number {
    return this.#eventsRun
  }

  /** Runs `run` after `delayMs` (>= 0) unless cancelled or `owner` is off by then. */
  after(delayMs: number, run: () => void, owner: EventOwner = WORLD): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('a delay that is not a number')
    const event = this.#queue.add(this.#nowMs + Math.max(0, delayMs), owner, run)
    return { cancel: () => this.#queue.cancel(event) }
  }

  /** Runs everything due up to and including `monoMs`; rejects with what an event threw. */
  async runUntil(monoMs: number): Promise<void> {
    await this.#drive(() => (this.#step(monoMs) ? 'more' : 'done'))
    this.#nowMs = Math.max(this.#nowMs, monoMs)
  }

  async runFor(durationMs: number): Promise<void> {
    await this.runUntil(this.#nowMs + durationMs)
  }

  /** Runs events until `promise` settles; rejects when it does not within `limitMs` of virtual time. */
  async until<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
    const lastMs = this.#nowMs + limitMs
    let settled = false
    let idleTurns = 0
    const noteSettled = () => {
      settled = true
    }
    promise.then(noteSettled, noteSettled)
    await this.#drive(() => {
      if (settled || idleTurns > IDLE_TURNS) return 'done'
      if (!this.#step(lastMs)) idleTurns++
      return 'more'
    })
    if (!settled) throw new Error(`still pending after ${limitMs} ms of simulated time`)
    return promise
  }

  #step(untilMs: number): boolean {
    const event: SimEvent | undefined = this.#queue.take(untilMs)
    if (event?.run === undefined) return false
    const { run } = event
    event.run = undefined
    this.#nowMs = event.dueMs
    this.#eventsRun++
    run()
    return true
  }

  #drive(turn: () => Progress): Promise<void> {
    if (this.#running) return Promise.reject(new Error('the simulated time is already running'))
    this.#running = true
    return new Promise((resolve, reject) => {
      let ended = false
      let turns = 4
      const end = (settle: () => void) => {
        ended = true
        this.#running = false
        settle()
      }
      const one = () => {
        if (ended) return
        try {
          if (turn() === 'done') end(resolve)
        } catch (error) {
          end(() => reject(error))
        }
      }
      const many = () => {
        if (ended) return
        turns = Math.min(2 * turns, MOST_TURNS_AT_ONCE)
        for (let n = 0; n < turns; n++) setImmediate(one)
        setImmediate(many)
      }
      setImmediate(many)
    })
  }
}

interface MinuteTimer {
  readonly run: () => void
  timer: Timer | undefined
}

/** The clock of one peer. Its timers die with its owner. */
export class SimClock implements Clock {
  readonly #time: SimTime
  readonly #owner: EventOwner
  readonly #minutes = new Set<MinuteTimer>()
  #wallAtStartMs: number

  /** `wallAtStartMs`: the wall time at the world's beginning, ms since 1970. */
  constructor(time: SimTime, wallAtStartMs: number, owner: EventOwner = WORLD) {
    this.#time = time
    this.#wallAtStartMs = wallAtStartMs
    this.#owner = owner
  }

  wallMs(): number {
    return Math.floor(this.#wallAtStartMs + this.#time.nowMs)
  }

  monoMs(): number {
    return this.#time.nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#time.after(delayMs, run, this.#owner)
  }

  every(periodMs: number, run: () => void): Timer {
    if (!(periodMs > 0)) throw new RangeError(`a period of ${periodMs} ms`)
    let timer: Timer
    const turn = () => {
      timer = this.after(periodMs, turn)
      run()
    }
    timer = this.after(periodMs, turn)
    return { cancel: () => timer.cancel() }
  }

  eachMinute(run: () => void): Timer {
    const minute: MinuteTimer = { run, timer: undefined }
    this.#minutes.add(minute)
    this.#armMinute(minute)
    return {
      cancel: () => {
        this.#minutes.delete(minute)
        minute.timer?.cancel()
      },
    }
  }

  /** Moves the wall clock by `byMs` (either sign). Timers stay; minutes are found anew, skipped ones are not made up. */
  jumpWall(byMs: number): void {
    this.#wallAtStartMs += byMs
    for (const minute of this.#minutes) {
      minute.timer?.cancel()
      this.#armMinute(minute)
    }
  }

  #armMinute(minute: MinuteTimer): void {
    // Whole milliseconds: with fractions, rounding could make one minute come twice.
    const intoMinuteMs = this.wallMs() % MINUTE_MS
    minute.timer = this.after(MINUTE_MS - intoMinuteMs, () => {
      this.#armMinute(minute)
      minute.run()
    })
  }
}
