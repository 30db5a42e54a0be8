/**
 * One station as whoever stands before it wants to know it: what it is told over the next day, step by step and by whom, and what
 * was seen of it that is not as it should be. Pure; codes, and the words beside them.
 */
import type { Write } from '../allocation/booking.js'
import { type ConnectorControl, onlySeen } from '../control/connector.js'
import type { Now } from '../control/now.js'
import { type ControlState, csmsStepsOf } from '../control/state.js'
import type { StationControl } from '../control/station.js'
import { conductorsOf } from '../control/watch-wiring.js'
import type { PhaseSeen } from '../measuring/wiring-seen.js'
import type { LimitStep } from '../schedule/composite.js'
import { PHASE_NAMES } from '../site/phases.js'
import { reportedValue } from '../station/configuration.js'
import { type Said, say } from '../words/said.js'

export const NOTE_CODES = [
  ...([
    'disobeys',
    'refuses',
    'overshoots',
    'one phase',
    'phases seen',
    'energy only',
    'unreadable',
    'not verified',
  ] as const),
  ...(['no smart charging', 'no trigger', 'clock', 'slow'] as const),
] as const

type NoteCode = (typeof NOTE_CODES)[number]

/** What was noticed; several texts may be of one kind. */
export interface StationNote extends Said {
  readonly code: NoteCode
}

/** A step: from then on, until the next. Null = no limit. */
export interface StepView {
  readonly at: string
  readonly limitA: number | null
}

export interface ConnectorSchedule {
  readonly id: number
  /** What the CSMS allows. */
  readonly csms: readonly StepView[]
  /** What Busbar has told it, as long as it is heard; empty where nothing of it was accepted yet. */
  readonly ours: readonly StepView[]
  /** What it falls to by itself when Busbar is not heard: the profile that lies there. */
  readonly lease: readonly StepView[]
  /** What holds: the lowest of CSMS and ours, while Busbar is heard; empty where what lies on it is not known. */
  readonly composite: readonly StepView[]
}

export interface StationDetail {
  readonly stationId: string
  readonly from: string
  readonly to: string
  readonly connectors: readonly ConnectorSchedule[]
  readonly notes: readonly StationNote[]
  readonly counters: {
    readonly profileWrites: number
    readonly refusals: number
    readonly setupRefusals: number
    readonly answerMs: number
  }
}

const SHOWN_MS = 24 * 3_600_000

/** Undefined for no such station. */
export function stationDetail(state: ControlState, stationId: string, now: Now): StationDetail | undefined {
  const station = state.stations.get(stationId)
  if (station === undefined) return undefined
  const { connectors } = station
  return {
    stationId,
    from: iso(now.wallMs),
    to: iso(now.wallMs + SHOWN_MS),
    connectors: connectors.map(connector => scheduleOf(state, connector, now)),
    notes: notesOf(state, station, now),
    counters: {
      profileWrites: station.writes.reduce((sum, { count }) => sum + count, 0),
      refusals: connectors.reduce((sum, { refusals }) => sum + refusals.live + refusals.idle, 0),
      setupRefusals: station.setupRefusals,
      answerMs: Math.round(station.answerMs),
    },
  }
}

function scheduleOf(state: ControlState, connector: ConnectorControl, now: Now): ConnectorSchedule {
  const { wallMs } = now
  const csms = csmsStepsOf(state, connector, wallMs, wallMs + SHOWN_MS)
  const written = (connector.transaction === undefined ? connector.idle : connector.live).findLast(
    ({ acceptedMs }) => acceptedMs !== undefined,
  )
  // Nothing accepted is not "no limit": nobody knows what lies on it then.
  const ours: readonly LimitStep[] = written === undefined ? [] : [{ atMs: wallMs, limitA: written.offerA }]
  const composite =
    written === undefined
      ? []
      : csms.map(({ atMs, limitA }) => ({ atMs, limitA: least(limitA, written.offerA) }))
  return {
    id: connector.id,
    csms: shown(csms),
    ours: shown(ours),
    lease: written === undefined ? [] : shown(leaseSteps(written, now)),
    composite: shown(composite),
  }
}

function leaseSteps({ offerA, failSafeA, leaseEndMs, finalMs }: Write, now: Now): readonly LimitStep[] {
  const wallAt = (monoMs: number): number => Math.max(now.wallMs, now.wallMs + monoMs - now.monoMs)
  return [
    { atMs: now.wallMs, limitA: leaseEndMs <= now.monoMs ? Math.min(offerA, failSafeA) : offerA },
    { atMs: wallAt(leaseEndMs), limitA: Math.min(offerA, failSafeA) },
    { atMs: wallAt(finalMs), limitA: failSafeA },
  ]
}

/** Steps that change nothing, or that a later one has overtaken, are left out. */
function shown(steps: readonly LimitStep[]): readonly StepView[] {
  return steps
    .filter(({ atMs }, index) => steps[index + 1]?.atMs !== atMs)
    .filter(({ limitA }, index, all) => index === 0 || all[index - 1]?.limitA !== limitA)
    .map(({ atMs, limitA }) => ({
      at: iso(atMs),
      limitA: limitA === undefined ? null : Math.round(limitA * 10) / 10,
    }))
}

const least = (a: number | undefined, b: number): number => (a === undefined ? b : Math.min(a, b))

/** Longer than this to answer is worth a word. */
const SLOW_MS = 5_500

function notesOf(state: ControlState, station: StationControl, now: Now): readonly StationNote[] {
  const notes: StationNote[] = []
  const several = station.connectors.length > 1
  for (const connector of station.connectors) {
    const note = (code: NoteCode, said: Said): void => {
      const whole = several ? say('note-of-connector', { connector: connector.id, note: said }) : said
      notes.push({ code, ...whole })
    }
    const { refusals, reading, transaction, phases, wired } = connector
    const count = refusals.live + refusals.idle
    if (connector.disobeys) note('disobeys', say('note-disobeys'))
    if (connector.exceeds) note('overshoots', say('note-overshoots'))
    if (count > 0) note('refuses', say('note-refuses', { count }))
    if (connector.refusedUntilMs !== undefined && connector.refusedUntilMs > now.monoMs)
      note('refuses', say('note-asked-later'))
    const used = phases.filter(Boolean).length
    if (transaction !== undefined && used === 1 && wired.filter(Boolean).length === 3)
      note('one phase', say('note-one-phase'))
    const { first, third } = conductorsOf(state, connector)
    if (first !== undefined) note('phases seen', say('note-first-seen', seenAs(first)))
    if (third !== undefined) note('phases seen', say('note-third-seen', seenAs(third)))
    const on = onlySeen(connector, wired, now.monoMs)
    if (transaction !== undefined && on !== wired)
      note('phases seen', say('note-car-on', { phases: PHASE_NAMES.filter((_, at) => on[at]).join(', ') }))
    if (transaction !== undefined && reading?.best === 'estimate')
      note('energy only', say('note-energy-only'))
    if (connector.unread !== undefined) note('unreadable', say('note-unreadable'))
    if (station.connected && !connector.defaultsVerified && !connector.liveVerified)
      note('not verified', say('note-not-verified'))
  }
  const note = (code: NoteCode, said: Said): void => void notes.push({ code, ...said })
  if (station.withoutSmartCharging) note('no smart charging', say('note-no-smart-charging'))
  if (station.withoutTrigger) note('no trigger', noTrigger(station))
  if (station.clockDoubt !== undefined) note('clock', say('note-clock'))
  if (station.answerMs > SLOW_MS)
    note('slow', say('note-slow', { seconds: Math.round(station.answerMs / 1000) }))
  return notes
}

const seenAs = ({ phase, sessions }: PhaseSeen) => ({ sessions, phase: PHASE_NAMES[phase] })

/** The one coincidence that lasts longer than the promise. */
function noTrigger({ configuration }: StationControl): Said {
  const intervalS = Number(reportedValue(configuration, 'MeterValueSampleInterval'))
  return say('note-no-trigger', { longer: intervalS > 0 ? `${intervalS} s` : say('note-one-interval') })
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
