/**
 * One CALL of Busbar's own on its way to a station, and how long an answer may take: a station that is slow is given its
 * own time, once it was seen to need it (control rule 13).
 */
import type { CallOutcome } from '../answer.js'
import type { Now } from './now.js'
import { type ControlState, type Effect, nextTag, type OpenCall } from './state.js'
import { ANSWER_MS, type StationControl } from './station.js'

/** No station is waited for longer. */
const LONGEST_ANSWER_MS = 30_000
/** What it took last time, and half of it. */
const ANSWER_SLACK = 1.5

type EffectCall = Effect & { readonly kind: 'call' }

export function callStation(
  state: ControlState,
  station: StationControl,
  what: Omit<EffectCall, 'kind' | 'tag' | 'stationId' | 'timeoutMs'> & {
    readonly tag?: string
    readonly open: OpenCall
  },
  now: Now,
): void {
  const { open, tag = nextTag(state), ...call } = what
  state.openCalls.set(tag, { ...open, sentMs: now.monoMs })
  state.effects.push({ kind: 'call', tag, stationId: station.id, timeoutMs: station.answerMs, ...call })
}

/** Learns from how a CALL has ended. */
export function noteAnswerTime(
  station: StationControl,
  outcome: CallOutcome,
  sentMs: number,
  nowMs: number,
): void {
  const tookMs = nowMs - sentMs
  switch (outcome.kind) {
    case 'closed':
      return
    case 'timeout':
      station.answerMs = Math.min(LONGEST_ANSWER_MS, 2 * station.answerMs)
      return
    case 'result':
    case 'error':
      station.answerMs = Math.min(LONGEST_ANSWER_MS, Math.max(ANSWER_MS, ANSWER_SLACK * tookMs))
  }
}
