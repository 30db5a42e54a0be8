/** A clock that tests move by hand, a log that keeps its lines, and secrets that only compare. */
import type { Clock, Log, Secrets } from '../../src/ports.js'

export interface HandClock extends Clock {
  /** Moves time on and runs what falls due, in order. */
  advance(ms: number): void
}

export function handClock(): HandClock {
  let nowMs = 0
  let jobs: { dueMs: number; run: () => void }[] = []
  const after: Clock['after'] = (delayMs, run) => {
    const job = { dueMs: nowMs + delayMs, run }
    jobs.push(job)
    return {
      cancel: () => {
        jobs = jobs.filter(other => other !== job)
      },
    }
  }
  return {
    wallMs: () => nowMs,
    monoMs: () => nowMs,
    after,
    every: (periodMs, run) => {
      const turn = () => {
        timer = after(periodMs, turn)
        run()
      }
      let timer = after(periodMs, turn)
      return { cancel: () => timer.cancel() }
    },
    eachMinute: () => ({ cancel: () => {} }),
    advance: ms => {
      const endMs = nowMs + ms
      for (;;) {
        const [next] = jobs.filter(job => job.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)
        if (next === undefined) break
        jobs = jobs.filter(job => job !== next)
        nowMs = Math.max(nowMs, next.dueMs)
        next.run()
      }
      nowMs = endMs
    },
  }
}

export interface KeptLog extends Log {
  readonly events: string[]
}

export function keptLog(): KeptLog {
  const events: string[] = []
  return { events, write: (_level, event) => void events.push(event) }
}

export const comparing: Secrets = {
  token: () => 'token',
  hash: password => Promise.resolve(password),
  verify: (password, hash) => Promise.resolve(password === hash),
  digest: text => text,
  equal: (a, b) => a.length === b.length && a.every((octet, at) => octet === b[at]),
}
