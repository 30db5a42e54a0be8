/**
 * What is wrong with what must not be lost: the disk, the journal, and messages that do not get to the CSMS. Shapes and
 * words only (I9, I10).
 */
import type { Condition } from './alarms.js'
import { type Said, said } from './said.js'

/** What the store-and-forward part says of itself. */
export interface JournalState {
  /** Why a durable write failed lately. */
  readonly fault?: string
  /** How long one takes, while that is too long. */
  readonly slowMs?: number
  /** What was found damaged, until somebody has taken note. */
  readonly damage?: string
  /** Why nothing that waits is sent. */
  readonly hold?: string
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
    found.push({ code: 'journal-failed', ...said`Journal cannot be written: ${fault}.` })
  if (slowMs !== undefined)
    found.push({
      code: 'journal-slow',
      ...said`The disk takes ${Math.round(slowMs / 1000)} s for a write: stations wait for their answers.`,
    })
  if (damage !== undefined) found.push({ code: 'journal-gap', text: damage })
  if (hold !== undefined) found.push({ code: 'journal-held', text: hold })
  const full = stations.filter(one => one.isExhausted)
  if (full.length > 0)
    found.push({
      code: 'journal-full',
      ...said`No more can be kept for ${names(full)}: no session begins there while the CSMS is away, and what comes is left unanswered.`,
    })
  const dead = stations.filter(one => one.deadLetters > 0)
  if (dead.length > 0)
    found.push({
      code: 'dead-letters',
      ...said`The CSMS would not take ${sum(dead, one => one.deadLetters)} messages of ${names(dead)}: somebody has to decide about them.`,
    })
  const shed = stations.filter(one => one.shedCount > 0 && one.waiting > 0)
  if (shed.length > 0)
    found.push({
      code: 'messages-shed',
      ...said`${sum(shed, one => one.shedCount)} periodic meter values of ${names(shed)} were given up, because too much waits for the CSMS.`,
    })
  for (const { stationId, waiting } of stations.filter(one => !one.isConfigured && one.waiting > 0))
    found.push({
      code: 'backlog-left-behind',
      about: stationId,
      ...said`${waiting} messages of ${stationId} wait, and it is not configured any more: nobody delivers them.`,
    })
  return found
}

function names(stations: readonly StationJournal[]): Said | string {
  const shown = stations.slice(0, MOST_NAMED).map(one => one.stationId)
  const more = stations.length - shown.length
  return more > 0 ? said`${shown.join(', ')} and ${more} more` : shown.join(', ')
}

function sum(stations: readonly StationJournal[], of: (one: StationJournal) => number): number {
  return stations.reduce((total, one) => total + of(one), 0)
}
