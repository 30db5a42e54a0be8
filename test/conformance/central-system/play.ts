/**
 * Plays the Central System suite: every row against Busbar alone in simulated time, or against any Central System over
 * real sockets. A case that fails says why and never stops the others; each is bounded in time.
 */
import type { Clock } from '../../../src/ports.js'
import { type CaseResult, type ConformanceCase, notPlayed, type PlayedCase } from '../case.js'
import { CaseFault, NotOrdered } from '../check.js'
import { type AskingOptions, AskingRig } from './asking-rig.js'
import { BusbarBench, type Mutation, type Quality } from './busbar-rig.js'
import { CORE_CASES } from './core.js'
import { CORE_COMMAND_CASES } from './core-commands.js'
import { FIRMWARE_CASES } from './firmware.js'
import { LOCAL_LIST_CASES } from './local-list.js'
import { OWN_CASES } from './own-cases.js'
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
  ...OWN_CASES,
]

/** Longer than the longest case on the worst line; virtual or real ms, the waits for an operator apart. */
const CASE_LIMIT_MS = 900_000
/** A real Central System is given so long to notice that the station of the last case has gone. */
const BETWEEN_CASES_MS = 1_000
/** Most commands one case orders. */
const MAX_ORDERS = 10

export interface CentralSystemOptions {
  readonly quality: Quality
  /** Only these ids; absent = all. */
  readonly only?: readonly string[]
  /** Busbar has a CSMS that has gone; default: it has none. */
  readonly csms?: 'none' | 'away'
  /** The stations are driven by whoever gives the orders: profiles reach them as they are. */
  readonly loadControl?: 'csms'
  /** A Central System that does wrong. */
  readonly mutation?: Mutation
}

export interface AgainstOptions extends AskingOptions {
  readonly only?: readonly string[]
  /** Told of each case as it ends: a whole run takes long in real time. */
  onPlayed?(played: PlayedCase): void
}

/** Busbar alone; `tookMs` is virtual. Rejects only when Busbar cannot be started at all. */
export async function playCentralSystem(options: CentralSystemOptions): Promise<readonly PlayedCase[]> {
  const cases = chosen(options.only)
  const stationIdOf = ({ id }: CentralSystemCase): string => `CASE-${id}`
  const bench = new BusbarBench(options.quality, options.mutation, options.csms, options.loadControl)
  const { world } = bench
  const played: PlayedCase[] = []
  await bench.open(cases.map(one => ({ id: stationIdOf(one), device: deviceOf(one) })))
  for (const one of cases) {
    played.push(
      await playOne(one, {
        station: `scripted, as ${deviceOf(one)}`,
        nowMs: () => world.time.nowMs,
        open: () => bench.rigFor(stationIdOf(one)),
        bounded: playing => world.until(playing, CASE_LIMIT_MS),
      }),
    )
  }
  await bench.close()
  return played
}

/**
 * Any Central System at `url`. Commands are asked for and waited for; those that do not come make a case not
 * applicable. One station identity, one case after the other.
 */
export async function playAgainst(options: AgainstOptions): Promise<readonly PlayedCase[]> {
  const { clock } = options.ports
  const limitMs = CASE_LIMIT_MS + MAX_ORDERS * options.waitForOrderMs
  const played: PlayedCase[] = []
  for (const one of chosen(options.only)) {
    const result = await playOne(one, {
      station: 'scripted',
      nowMs: () => clock.monoMs(),
      open: () => new AskingRig(options),
      bounded: playing => within(clock, limitMs, playing),
    })
    played.push(result)
    options.onPlayed?.(result)
    await new Promise<void>(resolve => clock.after(BETWEEN_CASES_MS, resolve))
  }
  return played
}

/** The seed's station takes 30 profiles of 10 periods, so that every profile case of the plan fits. */
function deviceOf({ profile }: CentralSystemCase): string {
  return profile === 'Smart Charging' ? 'weg-wemob' : 'generic'
}

interface Stage {
  /** What the case is played with, for the report. */
  readonly station: string
  nowMs(): number
  open(): Rig
  bounded(playing: Promise<void>): Promise<void>
}

async function playOne(one: CentralSystemCase, stage: Stage): Promise<PlayedCase> {
  const { id, title, profile, mark, play } = one
  const at = new Date().toISOString()
  const result = typeof play === 'function' ? await judge(play, stage) : notPlayed(play)
  return { id, at, station: stage.station, title, profile, mark, role: 'central-system', result }
}

async function judge(play: (rig: Rig) => Promise<void>, stage: Stage): Promise<CaseResult> {
  const rig = stage.open()
  const { faults } = rig.station
  const startMs = stage.nowMs()
  const tookMs = (): number => Math.round(stage.nowMs() - startMs)
  try {
    await stage.bounded(play(rig))
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault)
    if (fault instanceof NotOrdered && faults.length === 0) return { kind: 'not applicable', why }
    return { kind: 'failed', tookMs: tookMs(), why: [why, ...faults].join('; '), frames: rig.station.frames }
  } finally {
    rig.station.cut()
  }
  if (faults.length > 0)
    return { kind: 'failed', tookMs: tookMs(), why: faults.join('; '), frames: rig.station.frames }
  return { kind: 'passed', tookMs: tookMs() }
}

function chosen(only: readonly string[] | undefined): readonly CentralSystemCase[] {
  return CENTRAL_SYSTEM_CASES.filter(({ id }) => only?.includes(id) ?? true)
}

function within(clock: Clock, limitMs: number, playing: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new CaseFault(`not over after ${limitMs / 1000} s`))
    const timer = clock.after(limitMs, late)
    playing.then(resolve, reject).finally(() => timer.cancel())
  })
}
