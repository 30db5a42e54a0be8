/**
 * One depot through its deaths: a station with two sessions that repeats what was not answered, a CSMS that comes back in
 * between, and a Busbar that a host kills and starts again. Judges what the CSMS holds at the end (I2, I3, I4).
 */
import { Csms, connectStation, type Peer, type Seen, start, stop } from '../ocpp/both-sides.js'

/** Busbar, killable. */
export interface Host {
  /** Starts it if it does not run; the port for stations. Rejects when it does not start. */
  start(): Promise<number>
  isDead(): boolean
  end(): Promise<void>
}

/** How the CSMS knows a message it has had: by its payload, by its message id only, or not at all. */
export type Memory = 'payload' | 'id' | 'none'
export const MEMORIES: readonly Memory[] = ['payload', 'id', 'none']

export interface Tally {
  cycles: number
  lost: number
  /** Held twice by a CSMS that knows payloads again. */
  duplicated: number
  /** Sent again, as after a death it must be: the answer may have been lost. */
  repeated: number
  misordered: number
  failedStarts: number
  /** Why it did not start, each once. */
  readonly reasons: Set<string>
}

export const emptyTally = (): Tally => ({
  cycles: 0,
  lost: 0,
  duplicated: 0,
  repeated: 0,
  misordered: 0,
  failedStarts: 0,
  reasons: new Set(),
})

const SESSIONS = 2
const VALUES = 3
/** Messages before the CSMS is there. */
const AWAY_FOR = 4
const ANSWER_MS = 1_500
/** Far above what a busy machine needs: only a play that goes on no more takes so long. */
const LIMIT_MS = 120_000
const MOST_ATTEMPTS = 300

interface Step {
  readonly action: string
  readonly session: number
  text(transactionId: number): string
}

/** Two sessions, their messages told apart by their times. */
function script(): readonly Step[] {
  return Array.from({ length: SESSIONS }, (_, session): Step[] => {
    const at = (minute: number) => `2026-01-01T1${session}:${String(minute).padStart(2, '0')}:00Z`
    const value = (minute: number): Step => ({
      action: 'MeterValues',
      session,
      text: id =>
        `{"connectorId":1,"transactionId":${id},"meterValue":[{"timestamp":"${at(minute)}","sampledValue":[{"value":"${minute}"}]}]}`,
    })
    return [
      { action: 'StartTransaction', session, text: () => start('TAG1', 1, 100 * session, at(0)) },
      ...Array.from({ length: VALUES }, (_unused, number) => value(number + 1)),
      { action: 'StopTransaction', session, text: id => stop(id, 900, at(30)) },
    ]
  }).flat()
}

/** What a message is, whatever id it carries. */
const nameOf = (text: string): string => text.replace(/"transactionId":-?\d+/, '"transactionId":0')

class Books {
  readonly #memory: Memory
  readonly #ids = new Map<string, number>()
  readonly seen: string[] = []
  #next = 40

  constructor(memory: Memory) {
    this.#memory = memory
  }

  answer({ action, text }: Seen): string {
    if (/Transaction|MeterValues/.test(action)) this.seen.push(nameOf(text))
    if (action === 'BootNotification')
      return `{"status":"Accepted","currentTime":"${new Date().toISOString()}","interval":300}`
    if (action === 'Heartbeat') return `{"currentTime":"${new Date().toISOString()}"}`
    if (action !== 'StartTransaction') return '{}'
    const known = this.#memory === 'payload' ? this.#ids.get(text) : undefined
    const id = known ?? this.#next++
    this.#ids.set(text, id)
    return `{"transactionId":${id},"idTagInfo":{"status":"Accepted"}}`
  }
}

/** Plays the script to its end; adds what came of it. `csmsPort` must be free. */
export async function play(host: Host, csmsPort: number, memory: Memory, tally: Tally): Promise<void> {
  tally.cycles++
  const books = new Books(memory)
  const steps = script()
  const ids = new Map<number, number>()
  const deadlineMs = performance.now() + LIMIT_MS
  let csms: Csms | undefined
  let station: Peer | undefined
  try {
    for (const [at, step] of steps.entries()) {
      if (at === AWAY_FOR) {
        csms = await Csms.listen(csmsPort)
        csms.onCall = call => books.answer(call)
      }
      for (;;) {
        if (performance.now() > deadlineMs) throw new Error(`stuck at message ${at}`)
        if (station === undefined || host.isDead()) station = await reconnect(host)
        const answer = await answered(station, step, ids.get(step.session) ?? -1)
        if (answer === undefined) {
          station.socket.terminate()
          station = undefined
          continue
        }
        const id = /"transactionId":(\d+)/.exec(answer)?.[1]
        if (step.action === 'StartTransaction') ids.set(step.session, Number(id))
        break
      }
    }
    const names = steps.map(step => nameOf(step.text(0)))
    while (names.some(name => !books.seen.includes(name)) && performance.now() < deadlineMs) {
      if (host.isDead()) {
        station?.socket.terminate()
        station = await reconnect(host)
      } else if (station !== undefined) await Promise.race([station.call('Heartbeat', '{}'), station.closed])
      // the socket is told closed before the death of the process: without a turn that would never be heard
      await new Promise(done => setImmediate(done))
    }
    judge(names, books.seen, memory, tally)
  } catch (error) {
    if (!(error instanceof Error && /stuck|refused|exit/.test(error.message))) throw error
    tally.failedStarts++
    tally.reasons.add(error.message)
  } finally {
    station?.socket.terminate()
    await host.end()
    await csms?.stop()
  }
}

async function reconnect(host: Host): Promise<Peer> {
  for (let attempt = 0; ; attempt++) {
    const port = await host.start()
    try {
      return await connectStation(port, 'CP-1')
    } catch (error) {
      // killed in the middle of the handshake, and nobody has been told yet
      if (attempt >= MOST_ATTEMPTS) throw error
      await new Promise(done => setTimeout(done, 10))
    }
  }
}

async function answered(station: Peer, step: Step, id: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(done => {
    timer = setTimeout(() => done(undefined), ANSWER_MS)
  })
  const gone = station.closed.then(() => undefined)
  try {
    return await Promise.race([station.call(step.action, step.text(id)), gone, late])
  } finally {
    clearTimeout(timer)
  }
}

function judge(names: readonly string[], seen: readonly string[], memory: Memory, tally: Tally): void {
  const first = [...new Set(seen)]
  tally.lost += names.filter(name => !first.includes(name)).length
  const repeated = seen.length - first.length
  tally.repeated += repeated
  if (memory === 'payload')
    tally.duplicated += first.length - names.filter(name => first.includes(name)).length
  const inOrder = first.filter(name => names.includes(name))
  if (inOrder.some((name, at) => at > 0 && names.indexOf(name) < names.indexOf(inOrder[at - 1] ?? '')))
    tally.misordered++
}

export function line(name: string, tally: Tally): string {
  const { cycles, lost, duplicated, repeated, misordered, failedStarts, reasons } = tally
  const why = reasons.size === 0 ? '' : ` (${[...reasons].join(', ')})`
  return `${name}: ${cycles} cycles, ${lost} lost, ${duplicated} duplicated, ${repeated} repeated, ${misordered} misordered, ${failedStarts} failed starts${why}`
}
