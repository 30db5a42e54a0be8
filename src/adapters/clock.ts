/**
 * The real clock, or a faster one: with `speed` 30 every second of real time is half a minute for whoever stands
 * behind the Clock port, so gateway and simulators of the demo run faster together. Must not know what is timed.
 * Timers keep the process alive; whoever starts one cancels it.
 */
import cron from 'node-cron'
import type { Clock, Timer } from '../ports.js'

/** Longest delay setTimeout takes; a longer one fires at once there. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
const MINUTE_MS = 60_000
/** After a loop blocked for less than this, the minute tick still comes, late. */
const LATE_TICK_MS = 50_000

/**
 * `speed` (> 0) multiplies time: wall and monotonic time advance that much faster and delays shrink by it.
 * At 1 wall time is the system's and may jump; otherwise it starts at the system's and runs on by itself.
 * Throws a RangeError for another speed.
 */
export function createClock({ speed = 1 }: { readonly speed?: number } = {}): Clock {
  if (!(speed > 0 && Number.isFinite(speed)))
    throw new RangeError(`clock speed ${speed}, expected more than 0`)
  const startWallMs = Date.now()
  const startMs = performance.now()
  const monoMs = () => (performance.now() - startMs) * speed
  const wallMs = () => (speed === 1 ? Date.now() : Math.floor(startWallMs + monoMs()))

  const at = (dueMs: number, run: () => void): Timer => {
    let handle: NodeJS.Timeout | undefined
    const arm = () => {
      const leftMs = (dueMs - monoMs()) / speed
      handle = setTimeout(leftMs > 0 ? arm : run, Math.min(Math.max(0, Math.ceil(leftMs)), MAX_TIMEOUT_MS))
    }
    // setTimeout may fire a fraction early by the monotonic clock: arm looks again until the time has really passed.
    arm()
    return { cancel: () => clearTimeout(handle) }
  }

  const repeat = (nextMs: () => number, run: () => void): Timer => {
    let timer = at(nextMs(), turn)
    function turn(): void {
      timer = at(nextMs(), turn)
      run()
    }
    return { cancel: () => timer.cancel() }
  }

  return {
    wallMs,
    monoMs,
    after: (delayMs, run) => at(monoMs() + delayMs, run),
    every(periodMs, run) {
      let dueMs = monoMs()
      return repeat(() => {
        dueMs += periodMs * Math.max(1, Math.ceil((monoMs() - dueMs) / periodMs))
        return dueMs
      }, run)
    },
    eachMinute: run =>
      speed === 1 ? eachSystemMinute(run) : repeat(() => monoMs() + MINUTE_MS - (wallMs() % MINUTE_MS), run),
  }
}

/** UTC, because in a zone with summer time node-cron leaves out ticks of the repeated hour. */
function eachSystemMinute(run: () => void): Timer {
  const task = cron.schedule(
    '* * * * *',
    // A missed tick is no event: who depends on the minute looks at the time. And out of node-cron's own error handling: a bug behind the tick must show like one behind any other timer.
    () => void setImmediate(run),
    { timezone: 'Etc/UTC', missedExecutionTolerance: LATE_TICK_MS, suppressMissedWarning: true },
  )
  return { cancel: () => void task.destroy() }
}
