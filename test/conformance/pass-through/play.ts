/**
 * Plays the pass-through suite: every row with a fresh world, gateway, CSMS and station. A case that fails says why and
 * never stops the others; each is bounded in virtual time.
 */
import { createWorld } from '../../../src/sim/ports/world.js'
import { type CaseResult, type ConformanceCase, notPlayed, type PlayedCase } from '../case.js'
import { CERTIFICATE_CASES } from './certificates.js'
import { CORE_START_CASES } from './core-start.js'
import { CORE_STOP_CASES } from './core-stop.js'
import { FIRMWARE_CASES } from './firmware.js'
import { LOCAL_LIST_CASES } from './local-list.js'
import { OFFLINE_CASES } from './offline.js'
import { OWN_CASES } from './own-cases.js'
import { RESERVATION_CASES, TRIGGER_CASES } from './reservation.js'
import { Bench, type BenchOptions } from './rig.js'
import { SMART_CHARGING_CASES } from './smart-charging.js'

export type PassThroughCase = ConformanceCase<Bench>

/** Every row of the plan for a Charge Point, in its order. */
export const PASS_THROUGH_CASES: readonly PassThroughCase[] = [
  ...CORE_START_CASES,
  ...CORE_STOP_CASES,
  ...OFFLINE_CASES,
  ...LOCAL_LIST_CASES,
  ...FIRMWARE_CASES,
  ...CERTIFICATE_CASES,
  ...RESERVATION_CASES,
  ...TRIGGER_CASES,
  ...SMART_CHARGING_CASES,
  ...OWN_CASES,
]

/** Longer than the longest case on the worst line, virtual. */
const CASE_LIMIT_MS = 3_600_000

export interface PassThroughOptions extends BenchOptions {
  /** Only these ids; absent = all. */
  readonly only?: readonly string[]
}

/** `tookMs` is virtual. */
export async function playPassThrough(options: PassThroughOptions): Promise<readonly PlayedCase[]> {
  const played: PlayedCase[] = []
  for (const { play, ...row } of PASS_THROUGH_CASES) {
    if (options.only !== undefined && !options.only.includes(row.id)) continue
    const at = new Date().toISOString()
    const { result, station } =
      typeof play === 'function' ? await judge(play, options) : { result: notPlayed(play), station: 'none' }
    played.push({ ...row, at, station, role: 'pass-through', result })
  }
  return played
}

interface Judged {
  readonly result: CaseResult
  readonly station: string
}

async function judge(play: (bench: Bench) => Promise<void>, options: BenchOptions): Promise<Judged> {
  const world = createWorld({ seed: 1 })
  const bench = new Bench(world, options)
  const startMs = world.time.nowMs
  let why: string | undefined
  try {
    await world.until(play(bench), CASE_LIMIT_MS)
  } catch (fault) {
    why = fault instanceof Error ? fault.message : String(fault)
  }
  const tookMs = Math.round(world.time.nowMs - startMs)
  // What is still on its way on the worst line arrives before the frames are judged.
  await world.runFor(10_000)
  const faults = [...(why === undefined ? [] : [why]), ...bench.faults()]
  const frames = bench.evidence()
  await world.until(bench.close(), CASE_LIMIT_MS)
  const result: CaseResult =
    faults.length === 0
      ? { kind: 'passed', tookMs }
      : { kind: 'failed', tookMs, why: faults.slice(0, 5).join('; '), frames }
  return { result, station: bench.stationText() }
}
