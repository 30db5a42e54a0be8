/**
 * What is wrong with what must not be lost: the disk, the journal, and messages that do not get to the CSMS. Shapes and
 * words only (I9, I10).
 */

import { type Said, say, type Worded } from '../words/said.js'
import type { Condition } from './alarms.js'

/** What the store-and-forward part says of itself. */
export interface JournalState {
  /** Why a durable write failed lately. */
  readonly fault?: string
  /** How long one takes, while that is too long. */
  readonly slowMs?: number
  /** What was found damaged, until somebody has taken note. */
  readonly damage?: Worded
  /** Why nothing that waits is sent. */
  readonly hold?: Worded
  readonly stations: readonly StationJournal[]
}

export interface StationJournal {
  readonly stationId: string
  readonly isConfigured: boolean
  readonly waiting: number
  readonly deadLetters: number
  readonly shedCount: number
  /** Nothing more can be kept for it. */
  readonly isExhausted: boolean
}

/** Stations named in one text. */
const MOST_NAMED = 5

export function journalConditions(journal: JournalState): readonly Condition[] {
  const found: Condition[] = []
  const { fault, slowMs, damage, hold, stations } = journal
  if (fault !== undefined)
    found.push({ code: 'journal-failed', ...say('journal-not-written', { reason: fault }) })
  if (slowMs !== undefined)
    found.push({
      code: 'journal-slow',
      ...say('disk-slow', { forS: Math.round(slowMs / 1000) }),
    })
  if (damage !== undefined) found.push({ code: 'journal-gap', ...worded(damage) })
  if (hold !== undefined) found.push({ code: 'journal-held', ...worded(hold) })
  const full = stations.filter(one => one.isExhausted)
  if (full.length > 0)
    found.push({
      code: 'journal-full',
      ...say('journal-full', { stations: names(full) }),
    })
  const dead = stations.filter(one => one.deadLetters > 0)
  if (dead.length > 0)
    found.push({
      code: 'dead-letters',
      ...say('csms-took-not', { count: sum(dead, one => one.deadLetters), stations: names(dead) }),
    })
  const shed = stations.filter(one => one.shedCount > 0 && one.waiting > 0)
  if (shed.length > 0)
    found.push({
      code: 'messages-shed',
      ...say('values-given-up', { count: sum(shed, one => one.shedCount), stations: names(shed) }),
    })
  for (const { stationId, waiting } of stations.filter(one => !one.isConfigured && one.waiting > 0))
    found.push({
      code: 'backlog-left-behind',
      about: stationId,
      ...say('messages-left-behind', { count: waiting, station: stationId }),
    })
  return found
}

/** Nothing but the text and its code. */
const worded = ({ text, phrase, params }: Worded): Worded => ({
  text,
  ...(phrase !== undefined && params !== undefined && { phrase, params }),
})

function names(stations: readonly StationJournal[]): Said | string {
  const shown = stations.slice(0, MOST_NAMED).map(one => one.stationId)
  const more = stations.length - shown.length
  return more > 0 ? say('and-more', { names: shown.join(', '), count: more }) : shown.join(', ')
}

function sum(stations: readonly StationJournal[], of: (one: StationJournal) => number): number {
  return stations.reduce((total, one) => total + of(one), 0)
}
