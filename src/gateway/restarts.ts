/**
 * One run after the other inside the process: control, or set-up mode, until another configuration is due or the process is
 * to end. A run is stopped in its order before the next begins, so that the next starts as after any other start: from
 * what is journalled. A configuration that was taken and cannot be started gives way to the one before it.
 */
import { fault } from '../core/config/faults.js'
import type { Clock, Log, Stoppable } from '../ports.js'
import type { ConfigurationDesk, Loaded } from './configuration-desk.js'

/** Whoever sent SIGTERM kills after 10 s (systemd, docker): what is not closed by then is left as a power cut would leave it. */
const STOP_WITHIN_MS = 8_000

/** Set-up mode because the disk would not give the configuration: it is asked for again after this. */
const LOOK_AGAIN_MS = 30_000

/** The path of a fault that is none of the document. */
export const START_FAULT = '(start)'

export interface Runs {
  readonly clock: Clock
  readonly desk: ConfigurationDesk
  readonly first: Loaded
  readonly log: Log & Stoppable
  /** Settles when the process is to end. */
  readonly ending: Promise<unknown>
  /** Before the configuration is read again. */
  prepare?(): Promise<void>
  /** Rejects when it cannot be started; then everything it opened is closed again. */
  begin(loaded: Loaded): Promise<Stoppable>
}

/**
 * The exit code: 1 when a run did not stop in time, which a supervisor answers by a new start. Rejects when the first run
 * cannot be started, or none after a change.
 */
export async function runUntilEnded({
  clock,
  desk,
  first,
  log,
  ending,
  prepare,
  begin,
}: Runs): Promise<0 | 1> {
  let loaded = first
  let running = await begin(loaded)
  for (;;) {
    const due = desk.begun(loaded).then(() => 'due' as const)
    const looking = isUnreadable(loaded) ? readableAgain(desk, clock) : undefined
    const what = await Promise.race([
      ending.then(() => 'end' as const),
      due,
      ...(looking === undefined ? [] : [looking.done.then(() => 'due' as const)]),
    ])
    looking?.stop()
    log.write('info', what === 'end' ? 'stopping' : 'restarting')
    if (!(await stopInTime(what === 'end' ? [running, log] : [running], clock, log))) return 1
    if (what === 'end') return 0
    await prepare?.()
    loaded = await desk.load()
    try {
      running = await begin(loaded)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const isBack = await desk.withdraw(reason)
      loaded = isBack ? await desk.load() : notStarted(loaded, reason)
      running = await begin(loaded)
    }
  }
}

/** A file is there and no text came of it. */
const isUnreadable = ({ proven, text }: Loaded): boolean => proven?.ok === false && text === undefined

function readableAgain(desk: ConfigurationDesk, clock: Clock) {
  let timer = { cancel: () => {} }
  const done = new Promise<void>(readable => {
    const look = async (): Promise<void> => {
      if (isUnreadable(await desk.load())) lookLater()
      else readable()
    }
    const lookLater = (): void => {
      timer = clock.after(LOOK_AGAIN_MS, () => void look().catch(lookLater))
    }
    lookLater()
  })
  return { done, stop: () => timer.cancel() }
}

async function stopInTime(parts: readonly Stoppable[], clock: Clock, log: Log): Promise<boolean> {
  const stopped = (async () => {
    for (const part of parts) await part.stop()
    return true
  })()
  let timer = { cancel: () => {} }
  const late = new Promise<boolean>(done => {
    timer = clock.after(STOP_WITHIN_MS, () => {
      log.write('error', 'stopped-late', { ms: STOP_WITHIN_MS })
      done(false)
    })
  })
  try {
    return await Promise.race([stopped, late])
  } finally {
    timer.cancel()
  }
}

/** Nothing to go back to: set-up mode, with the reason in place of a fault. */
function notStarted(loaded: Loaded, reason: string): Loaded {
  const faults = [fault(START_FAULT, 'startable', { found: reason })]
  return { ...loaded, proven: { ok: false, faults } }
}
