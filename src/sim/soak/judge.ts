/**
 * Every quarter second over a rating is put down to a cause and held against what the promise allows for it (control rules,
 * "The promise"). Pure: time and amps come as arguments. Must not know how a fault is made.
 */
import type { SingleFault, SingleFaultKind } from '../../core/site/single-faults.js'
import type { Amps3 } from '../wiring.js'
import { Confirmation, isApartFromJumps, type SeenFaults } from './confirm.js'

/** How often the amps are looked at, ms. */
export const LOOK_MS = 250
const OVER_BY_A = 0.01
/** A fuse or breaker carries this much of its rating for many minutes. */
const PROTECTION_FACTOR = 1.45
/** After a fault is over the promise still allows for it this long: stations dial in again. */
export const AFTERMATH_MS = 60_000
/** Longer than a lease and its bounds: what happens until then is told as the fault's, allowed or not. */
const CONSEQUENCE_MS = 330_000
/** Nothing active, and the base of the last seconds does not explain it. */
export const OWN_DECISION = 'own decision'
const BASE_JUMP = 'base jump'
const UNAVOIDABLE = 'no car could have avoided it'

/** A fault as the judge needs to know it. */
export interface ActiveFault {
  readonly cause: string
  readonly row: SingleFaultKind
  readonly sinceMs: number
  /** Undefined while it lasts. */
  untilMs: number | undefined
  /** How long one excess may last by the promise; counted from its own beginning. */
  readonly allowedMs: (circuitIsMetered: boolean) => number
  /** Busbar was lost: everything until then is allowed inside the protection curve. */
  readonly lostUntilMs?: number
}

export interface CircuitFacts {
  readonly id: string
  readonly ratedCurrentA: number
  readonly metered: boolean
}

/** Amps of one circuit at one look. */
export interface CircuitLook {
  readonly totalA: Amps3
  readonly baseA: Amps3
  /** What flows although no command could lower it now, base included. */
  readonly stuckA: Amps3
  /** With what was out of reach for as long as an answer may take, and is within reach for less than that. */
  readonly backA: Amps3
  /** What would flow did no station draw more than it was told; undefined = nobody told any. */
  readonly toldA?: Amps3
}

export interface CauseTotal {
  withinS: number
  beyondS: number
  worstShare: number
  longestS: number
  /** First second beyond the promise: where and when. */
  first: string | undefined
}

interface Track {
  /** The last bases, as many as the promise gives time for, in no order. */
  readonly bases: Amps3[]
  /** Where the next one goes, in place of the oldest. */
  next: number
  sinceMs: number | undefined
  /** Above the rating by more than other load has just risen. */
  escapedMs: number | undefined
  /** How long of it no more was above the rating than other load had just risen by, ms. */
  jumpedMs: number
  /** How long of it a command could have helped, ms. */
  avoidableMs: number
}

interface Over {
  readonly track: Track
  readonly look: CircuitLook
  readonly faults: readonly ActiveFault[]
  readonly mostA: number
  /** The same without what other load has risen by in the time that the promise gives. */
  readonly escapedA: number
}

export class Judge {
  readonly totals = new Map<string, CauseTotal>()
  readonly #tracks: readonly Track[]
  readonly #basesKept: number
  readonly #confirmation: Confirmation
  /** More than one fault at once: no row of the table says anything of it. */
  severalS = 0

  /** `aliveMs`: poll + 1.5 s + station + car reaction. `table`: what this site was promised for each single fault. */
  constructor(
    private readonly circuits: readonly CircuitFacts[],
    private readonly aliveMs: number,
    table: readonly SingleFault[] = [],
  ) {
    this.#confirmation = new Confirmation(table)
    this.#tracks = circuits.map(() => ({
      bases: [],
      next: 0,
      sinceMs: undefined,
      escapedMs: undefined,
      jumpedMs: 0,
      avoidableMs: 0,
    }))
    // A base of before the jump is held for as long as that may last, and for no look more.
    this.#basesKept = Math.floor(aliveMs / LOOK_MS) + 1
  }

  /** What was seen of each row of the table. */
  get seen(): SeenFaults {
    return this.#confirmation.seen
  }

  /** Takes one look at all circuits, in their order. */
  look(nowMs: number, looks: readonly CircuitLook[], faults: readonly ActiveFault[]): void {
    this.circuits.forEach((circuit, index) => {
      const [track, look] = [this.#tracks[index], looks[index]]
      if (track === undefined || look === undefined) return
      track.bases[track.next] = look.baseA
      track.next = (track.next + 1) % this.#basesKept
      const mostA = Math.max(look.totalA[0], look.totalA[1], look.totalA[2])
      if (mostA <= circuit.ratedCurrentA + OVER_BY_A) {
        track.sinceMs = undefined
        track.escapedMs = undefined
        track.jumpedMs = 0
        track.avoidableMs = 0
        return
      }
      const escapedA = withoutJump(look, track.bases)
      track.sinceMs ??= nowMs - LOOK_MS
      if (escapedA <= circuit.ratedCurrentA + OVER_BY_A) {
        track.escapedMs = undefined
        track.jumpedMs += LOOK_MS
      } else track.escapedMs ??= nowMs - LOOK_MS
      if (Math.max(...look.stuckA) <= circuit.ratedCurrentA) track.avoidableMs += LOOK_MS
      this.#book(nowMs, circuit, { track, look, faults, mostA, escapedA })
    })
  }

  #book(nowMs: number, circuit: CircuitFacts, at: Over): void {
    const lastedMs = nowMs - (at.track.sinceMs ?? nowMs)
    const share = at.mostA / circuit.ratedCurrentA
    const { cause, allowed } = this.#cause(nowMs, circuit, { ...at, share })
    const total = this.totals.get(cause) ?? {
      withinS: 0,
      beyondS: 0,
      worstShare: 0,
      longestS: 0,
      first: undefined,
    }
    this.totals.set(cause, total)
    if (allowed) total.withinS += LOOK_MS / 1000
    else {
      total.beyondS += LOOK_MS / 1000
      total.first ??= placeText(nowMs, circuit, at.mostA)
    }
    total.worstShare = Math.max(total.worstShare, share)
    total.longestS = Math.max(total.longestS, lastedMs / 1000)
    this.#confirm(nowMs, circuit, at)
  }

  /** Holds it against the row of the only fault there is, or was a little while ago. */
  #confirm(nowMs: number, circuit: CircuitFacts, { track, look, faults, mostA, escapedA }: Over): void {
    const since = ({ untilMs }: ActiveFault): number => (untilMs === undefined ? 0 : nowMs - untilMs)
    const holds = ({ lostUntilMs }: ActiveFault): boolean => lostUntilMs !== undefined && nowMs <= lostUntilMs
    const alive = faults.filter(one => since(one) <= AFTERMATH_MS || holds(one))
    const only = alive[0] ?? faults.findLast(one => since(one) <= CONSEQUENCE_MS)
    if (alive.length > 1) {
      this.severalS += LOOK_MS / 1000
      return
    }
    const fault = only?.row ?? 'other load'
    const isApart = isApartFromJumps(fault)
    const isJump = isApart && !isEscape(circuit, look)
    const lastedMs = (sinceMs: number | undefined): number => nowMs - (sinceMs ?? nowMs)
    const { escapedMs, jumpedMs, sinceMs } = track
    const wholeMs = lastedMs(sinceMs)
    const apartMs = escapedMs !== undefined ? lastedMs(escapedMs) : isJump ? jumpedMs : wholeMs
    const kind = isJump && escapedMs === undefined ? 'other load' : fault
    this.#confirmation.take({
      kind,
      circuitId: circuit.id,
      amps: kind === fault && isJump ? escapedA : mostA,
      lastedS: (isApart ? apartMs : wholeMs) / 1000,
      text: placeText(nowMs, circuit, mostA),
    })
  }

  #cause(
    nowMs: number,
    circuit: CircuitFacts,
    at: Over & { readonly share: number },
  ): { readonly cause: string; readonly allowed: boolean } {
    const { look, track } = at
    const since = ({ untilMs }: ActiveFault): number => (untilMs === undefined ? 0 : nowMs - untilMs)
    const alive = at.faults.filter(one => since(one) <= AFTERMATH_MS)
    const lost = at.faults.find(({ lostUntilMs }) => lostUntilMs !== undefined && nowMs <= lostUntilMs)
    if (lost !== undefined) return { cause: lost.cause, allowed: at.share <= PROTECTION_FACTOR }
    if (track.escapedMs === undefined && !isEscape(circuit, look)) return { cause: BASE_JUMP, allowed: true }
    if (Math.max(...look.stuckA) > circuit.ratedCurrentA) return { cause: UNAVOIDABLE, allowed: true }
    const fault = alive.toSorted(
      (a, b) => b.allowedMs(circuit.metered) - a.allowedMs(circuit.metered) || b.sinceMs - a.sinceMs,
    )[0]
    if (fault === undefined) {
      const past = at.faults.findLast(one => since(one) <= CONSEQUENCE_MS)
      return { cause: past === undefined ? OWN_DECISION : `after: ${past.cause}`, allowed: false }
    }
    const allowedMs = Math.max(this.aliveMs, fault.allowedMs(circuit.metered))
    // For those that have just come back the time of an answer begins now; for all others it went on meanwhile.
    const isBack = Math.max(...look.backA) > circuit.ratedCurrentA
    return { cause: fault.cause, allowed: isBack || track.avoidableMs <= allowedMs }
  }
}

/**
 * A station draws what nobody told it, and no command takes it away: with it at what it was told the other load, jumped or not,
 * had been inside the rating.
 */
function isEscape({ ratedCurrentA }: CircuitFacts, { stuckA, toldA }: CircuitLook): boolean {
  return toldA !== undefined && Math.max(...stuckA) > ratedCurrentA && Math.max(...toldA) <= ratedCurrentA
}

/** The most on any phase with the least base of the time that the promise gives: what these cars would have been to it. */
function withoutJump(look: CircuitLook, bases: readonly Amps3[]): number {
  const ofPhase = (phase: 0 | 1 | 2): number => {
    const leastA = bases.reduce((least, base) => Math.min(least, base[phase]), Number.MAX_VALUE)
    return look.totalA[phase] - look.baseA[phase] + leastA
  }
  return Math.max(ofPhase(0), ofPhase(1), ofPhase(2))
}

function placeText(nowMs: number, { id, ratedCurrentA }: CircuitFacts, amps: number): string {
  return `${id} ${amps.toFixed(1)} A of ${ratedCurrentA} A at ${clockText(nowMs)}`
}

/** Simulated time as "13:05:07.250" since the beginning. */
export function clockText(ms: number): string {
  const pad = (value: number, width: number): string => `${Math.floor(value)}`.padStart(width, '0')
  return `${pad(ms / 3_600_000, 2)}:${pad((ms / 60_000) % 60, 2)}:${pad((ms / 1000) % 60, 2)}.${pad(ms % 1000, 3)}`
}
