/**
 * Plays the Central System suite: every row against Busbar alone in simulated time, or against any Central System over
 * real sockets. A case that fails says why and never stops the others; each is bounded in time.
 */
import type { CaseResult, ConformanceCase, PlayedCase } from '../case.js'
import { BusbarBench, type Mutation, type Quality } from './busbar-rig.js'
import { NotOrdered } from './check.js'
import { CORE_CASES } from './core.js'
import { CORE_COMMAND_CASES } from './core-commands.js'
import { FIRMWARE_CASES } from './firmware.js'
import { LOCAL_LIST_CASES } from './local-list.js'
import { RESERVATION_CASES } from './reservation.js'
import type { Rig } from './rig.js'
import { SECURITY_CASES } from './security.js'
import { SMART_CHARGING_CASES } from './smart-charging.js'
import { TRIGGER_CASES } from './trigger.js'

export type CentralSystemCase = ConformanceCase<Rig>

/** Every row of the plan for the Central System, in its order. */
export const CENTRAL_SYSTEM_CASES: readonly CentralSystemCase[] = [
  ...CORE_CASES,
  ...CORE_COMMAND_CASES,
  ...LOCAL_LIST_CASES,
  ...FIRMWARE_CASES,
  ...RESERVATION_CASES,
  ...TRIGGER_CASES,
  ...SMART_CHARGING_CASES,
  ...SECURITY_CASES,
]

/** Longer than the longest case on the worst line; virtual or real ms. */
const CASE_LIMIT_MS = 900_000

export interface CentralSystemOptions {
  readonly quality: Quality
  /** Only these ids; absent = all. */
  readonly only?: readonly string[]
  /** A Central System that does wrong. */
  readonly mutation?: Mutation
}

/** Busbar alone; `tookMs` is virtual. Rejects only when Busbar cannot be started at all. */
export async function playCentralSystem(options: CentralSystemOptions): Promise<readonly PlayedCase[]> {
  const cases = CENTRAL_SYSTEM_CASES.filter(one => options.only?.includes(one.id) ?? true)
  const bench = new BusbarBench(options.quality, options.mutation)
  const { world } = bench
  const played: PlayedCase[] = []
  await bench.open(cases.map(stationIdOf))
  for (const one of cases) {
    const { play } = one
    played.push(
      playedAs(
        one,
        typeof play === 'function'
          ? await judge(
              () => world.time.nowMs,
              () => bench.rigFor(stationIdOf(one)),
              rig => world.until(play(rig), CASE_LIMIT_MS),
            )
          : whyNot(play),
      ),
    )
  }
  await bench.close()
  return played
}

function stationIdOf({ id }: CentralSystemCase): string {
  return `CASE-${id}`
}

async function judge(
  nowMs: () => number,
  open: () => Rig,
  run: (rig: Rig) => Promise<void>,
): Promise<CaseResult> {
  const startMs = nowMs()
  const rig = open()
  const tookMs = (): number => Math.round(nowMs() - startMs)
  try {
    await run(rig)
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault)
    if (fault instanceof NotOrdered) return { kind: 'not applicable', why }
    return { kind: 'failed', tookMs: tookMs(), why: [why, ...rig.station.faults].join('; ') }
  } finally {
    rig.station.cut()
  }
  const { faults } = rig.station
  return faults.length === 0
    ? { kind: 'passed', tookMs: tookMs() }
    : { kind: 'failed', tookMs: tookMs(), why: faults.join('; ') }
}

function whyNot(play: Exclude<CentralSystemCase['play'], (rig: Rig) => Promise<void>>): CaseResult {
  return 'notApplicable' in play
    ? { kind: 'not applicable', why: play.notApplicable }
    : { kind: 'not covered', why: play.notCovered }
}

function playedAs({ id, title, profile, mark }: CentralSystemCase, result: CaseResult): PlayedCase {
  return { id, title, profile, mark, role: 'central-system', result }
}
