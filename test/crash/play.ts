/**
 * One depot through its deaths: a station with two sessions that repeats what was not answered, a CSMS that comes back in
 * between, and a Busbar that a host kills and starts again. Judges what the CSMS holds at the end (I2, I3, I4).
 */
import { Csms, connectStation, type Peer, type Seen, start, stop } from '../ocpp/both-sides.js'
import type { Death } from './deaths.js'

/** Busbar, killable. */
export interface Host {
  /** Starts it if it does not run; the port for stations. Rejects when it does not start. */
  start(): Promise<number>
  isDead(): boolean
  end(): Promise<void>
  /** How the lives of the next play end, the one that runs first. */
  plan?(deaths: readonly Death[]): void
  /** This message of the play goes to it now, or again; `MESSAGES` when all have been answered. */
  sends?(message: number): void
  /** It will die yet: the play goes on until it has, and what comes up after that is judged too. */
  isDoomed?(): boolean
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
  /** Why it did not start, and what was lost or came late, each once. */
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
/** Of a play. */
export const MESSAGES = SESSIONS * (VALUES + 2)
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

const DAY_MS = 86_400_000
/** Of the play with this number. */
const dayOf = (number: number): string =>
  new Date(Date.UTC(2026, 0, 1) + number * DAY_MS).toISOString().slice(0, 10)

/** Two sessions, their messages told apart by their times, from those of other plays by their day. */
function script(day: string): readonly Step[] {
  return Array.from({ length: SESSIONS }, (_, session): Step[] => {
    const at = (minute: number) => `${day}T1${session}:${String(minute).padStart(2, '0')}:00Z`
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
  readonly #day: string
  readonly #ids = new Map<string, number>()
  readonly #given = new Set<number>()
  readonly seen: string[] = []
  /** Of plays before: their answers had not been noted when their last life ended. */
  earlier = 0
  #next: number

  constructor(memory: Memory, number: number) {
    this.#memory = memory
    this.#day = dayOf(number)
    this.#next = 40 + 100 * number
  }

  answer({ action, text }: Seen): string {
    if (/Transaction|MeterValues/.test(action)) {
      if (!text.includes(this.#day)) this.earlier++
      else if (this.#isOfMine(text)) this.seen.push(nameOf(text))
    }
    if (action === 'BootNotification')
      return `{"status":"Accepted","currentTime":"${new Date().toISOString()}","interval":300}`
    if (action === 'Heartbeat') return `{"currentTime":"${new Date().toISOString()}"}`
    if (action !== 'StartTransaction') return '{}'
    const known = this.#memory === 'payload' ? this.#ids.get(text) : undefined
    const id = known ?? this.#next++
    this.#ids.set(text, id)
    this.#given.add(id)
    return `{"transactionId":${id},"idTagInfo":{"status":"Accepted"}}`
  }

  /** One of an id that it never gave is of no session it knows: it holds nothing of it. */
  #isOfMine(text: string): boolean {
    const id = /"transactionId":(-?\d+)/.exec(text)?.[1]
    return id === undefined || this.#given.has(Number(id))
  }
}

/** Plays the script to its end on a host of its own. */
export async function playAlone(host: Host, csmsPort: number, memory: Memory, tally: Tally): Promise<void> {
  await play(host, csmsPort, memory, tally)
  await host.end()
}

/**
 * Plays the script to its end on a host that may have seen others before; adds what came of it. `csmsPort` must be free.
 * True when the host can be used for another.
 */
export async function play(host: Host, csmsPort: number, memory: Memory, tally: Tally): Promise<boolean> {
  const number = tally.cycles++
  const books = new Books(memory, number)
  const steps = script(dayOf(number))
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
        host.sends?.(at)
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
    const isOver = (): boolean =>
      names.every(name => books.seen.includes(name)) && !host.isDead() && host.isDoomed?.() !== true
    for (let isLast = false; !isLast; ) {
      if (performance.now() > deadlineMs) break
      if (station === undefined || host.isDead() || station.socket.readyState !== station.socket.OPEN) {
        station?.socket.terminate()
        station = await reconnect(host)
      }
      host.sends?.(MESSAGES)
      isLast = isOver()
      await Promise.race([station.call('Heartbeat', '{}'), station.closed])
      // the socket is told closed before the death of the process: without a turn that would never be heard
      await new Promise(done => setImmediate(done))
    }
    tally.repeated += books.earlier
    return judge(names, books.seen, memory, tally)
  } catch (error) {
    if (!(error instanceof Error && /stuck|refused|exit/.test(error.message))) throw error
    tally.failedStarts++
    tally.reasons.add(error.message)
    return false
  } finally {
    station?.socket.terminate()
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

/** True when it was clean. */
function judge(names: readonly string[], seen: readonly string[], memory: Memory, tally: Tally): boolean {
  const first = [...new Set(seen)]
  const missing = names.filter(name => !first.includes(name))
  const lost = missing.length
  const duplicated = memory === 'payload' ? first.length - (names.length - lost) : 0
  const inOrder = first.filter(name => names.includes(name))
  const isMisordered = inOrder.some(
    (name, at) => at > 0 && names.indexOf(name) < names.indexOf(inOrder[at - 1] ?? ''),
  )
  if (lost > 0 || isMisordered)
    tally.reasons.add(`play ${tally.cycles}: ${lost > 0 ? `lost ${missing.join(' ')}` : 'misordered'}`)
  tally.lost += lost
  tally.repeated += seen.length - first.length
  tally.duplicated += duplicated
  if (isMisordered) tally.misordered++
  return lost + duplicated === 0 && !isMisordered
}

export function line(name: string, tally: Tally): string {
  const { cycles, lost, duplicated, repeated, misordered, failedStarts, reasons } = tally
  const why = reasons.size === 0 ? '' : ` (${[...reasons].join(', ')})`
  return `${name}: ${cycles} cycles, ${lost} lost, ${duplicated} duplicated, ${repeated} repeated, ${misordered} misordered, ${failedStarts} failed starts${why}`
}
