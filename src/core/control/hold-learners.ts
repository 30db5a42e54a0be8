/**
 * What is written to a station that is let in to be known (learn.ts): 0 A, to each of its connectors and to each session that
 * runs there. What it has accepted frees nothing (control rules 7, 9, 10).
 */
import type { CallOutcome } from '../answer.js'
import { failSafeProfile, ownProfileId } from '../schedule/emit.js'
import { connectorsOf, type Learner } from './learner.js'
import type { Now } from './now.js'
import type { Session } from './retired.js'
import { type ControlState, nextTag, type OpenCall } from './state.js'
import { ANSWER_MS } from './station.js'
import { statusOf } from './write.js'

/** A 0 A profile that nobody answered, or that was refused, is written again after this. */
const AGAIN_MS = 30_000

/**
 * Writes 0 A to the next connector or session that has not taken it; one CALL at a time, once it has said something. A
 * session that was Busbar's goes on by the profile it was given until that ends, whatever lies below.
 */
export function holdLearners(state: ControlState, now: Now): void {
  for (const learner of state.learners.values()) {
    if (!learner.connected || learner.writing !== undefined) continue
    if (now.monoMs < learner.writeNotBeforeMs) continue
    const zero = nextZero(state, learner)
    if (zero === undefined) continue
    const { connectorId, session } = zero
    const tag = nextTag(state)
    state.learners.set(learner.id, { ...learner, writing: tag })
    state.openCalls.set(tag, {
      ...{ kind: 'learner', stationId: learner.id, connectorId, sentMs: now.monoMs },
      ...(session !== undefined && { transactionId: session.transactionId }),
    })
    state.effects.push({
      kind: 'call',
      tag,
      stationId: learner.id,
      action: 'SetChargingProfile',
      payload: { connectorId, csChargingProfiles: zeroProfile(connectorId, session, learner.unit) },
      urgency: 'first',
      timeoutMs: ANSWER_MS,
    })
  }
}

interface Zero {
  readonly connectorId: number
  /** Absent: for whatever begins there. */
  readonly session?: Session
}

/** Who charges comes first. */
function nextZero(state: ControlState, learner: Learner): Zero | undefined {
  const { held, paused, refused } = learner
  const ids = connectorsOf(learner)
  const running = ids.flatMap((connectorId): Zero[] => {
    const session = sessionAt(state, learner, connectorId)
    return session === undefined || paused.has(session.transactionId) ? [] : [{ connectorId, session }]
  })
  const due = [...running, ...ids.filter(id => !held.has(id)).map((connectorId): Zero => ({ connectorId }))]
  return due.find(({ connectorId, session }) => !refused.has(zeroKey(connectorId, session?.transactionId)))
}

const zeroKey = (connectorId: number, transactionId: number | undefined): string =>
  `${connectorId} ${transactionId ?? ''}`

/** What it says that runs there, or what did when it was configured last. */
function sessionAt(
  { retired }: ControlState,
  { id, seen }: Learner,
  connectorId: number,
): Session | undefined {
  const was = retired.find(entry => entry.stationId === id && entry.connectorId === connectorId)?.session
  const { status, transactionId = was?.transactionId } = seen.get(connectorId) ?? {}
  if (transactionId === undefined || status === 'Available') return undefined
  return { transactionId, liveLevel: was?.liveLevel ?? 0 }
}

/** The same places as the fail-safe and the live profile have: once it is configured, those take them. */
function zeroProfile(connectorId: number, session: Session | undefined, unit: Learner['unit']): object {
  const context = { connectorId, failSafeA: 0, stepA: 1 } as const
  const emitUnit = unit === 'A' ? ({ kind: 'A' } as const) : ({ kind: 'W', voltageV: 1, phases: 1 } as const)
  const always = failSafeProfile({ ...context, unit: emitUnit })
  if (session === undefined) return always
  return {
    ...always,
    chargingProfileId: ownProfileId('live', connectorId),
    transactionId: session.transactionId,
    stackLevel: session.liveLevel,
    chargingProfilePurpose: 'TxProfile',
  }
}

/** What it made of 0 A. */
export function learnerAnswered(
  state: ControlState,
  tag: string,
  call: OpenCall & { readonly kind: 'learner' },
  at: { readonly outcome: CallOutcome; readonly now: Now },
): void {
  const learner = state.learners.get(call.stationId)
  if (learner?.writing !== tag) return
  const { connectorId, transactionId } = call
  if (statusOf(at.outcome) === 'Accepted') {
    const taken: Partial<Learner> =
      transactionId === undefined
        ? { held: new Set([...learner.held, connectorId]) }
        : { paused: new Set([...learner.paused, transactionId]) }
    state.learners.set(learner.id, { ...learner, ...taken, writing: undefined })
    return
  }
  const refused = new Set([...learner.refused, zeroKey(connectorId, transactionId)])
  const after: Learner = { ...learner, refused, writing: undefined }
  if (nextZero(state, after) !== undefined) {
    state.learners.set(learner.id, after)
    return
  }
  const isRefused = at.outcome.kind === 'result' || at.outcome.kind === 'error'
  const other = learner.unit === 'A' ? 'W' : 'A'
  state.learners.set(learner.id, {
    ...after,
    refused: new Set(),
    unit: isRefused ? other : learner.unit,
    writeNotBeforeMs: at.now.monoMs + AGAIN_MS,
  })
}
