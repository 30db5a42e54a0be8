/**
 * The OCPP edge: opens the port for stations, gives each configured station its session and its own socket to the
 * CSMS, and loads what was kept before the first one connects. Failures to listen reject with the reason.
 */
import { callError } from '../core/answer.js'
import { stationChange } from '../core/config/live-parts.js'
import type { SiteConfig, StationConfig } from '../core/config/site.js'
import type { StationEvent } from '../core/events.js'
import { createBudget } from '../core/offline/budget.js'
import { createCsmsHealth } from '../core/offline/delivery.js'
import type { StoredStation } from '../core/offline/records.js'
import { SiteTags } from '../core/offline/site-tags.js'
import { createTransactionBook } from '../core/offline/transactions.js'
import { OwnClock } from '../core/offline/unset-times.js'
import { basicHeader, viaHeader } from './csms/headers.js'
import { LinkCircle } from './csms/link-circle.js'
import type { OcppDeps, OcppEdge } from './edge.js'
import { commandFault } from './journeys/command-fault.js'
import { leftBehind, writeOperatorTags } from './kept-stations.js'
import { Mirrors } from './mirrors/mirrors.js'
import { type Dialling, doorsOf, noSecurity, openSession } from './open-session.js'
import type { Counters } from './session-parts.js'
import { FrameTrace } from './station/frame-trace.js'
import { LearningRoom } from './station/learning-room.js'
import { refusedList } from './station/refused-list.js'
import { VIA } from './station/station-handshake.js'
import { startStationServer } from './station/station-server.js'
import type { StationSession } from './station-session.js'
import { createLedger } from './transactions/ledger.js'
import { ReplayTurns } from './transactions/turns.js'
import { IncomingRoom } from './wire/incoming-room.js'

/** What breaks in whoever is told costs no station its answer, and none its queue. */
function tell({ on, ports }: OcppDeps, event: StationEvent): void {
  try {
    on(event)
  } catch (fault) {
    const detail = fault instanceof Error ? fault.message : 'not an Error'
    ports.log.write('error', 'station-event-failed', { station: event.stationId, event: event.kind, detail })
  }
}

/** Starts the edge. Rejects when the port cannot be had or the store cannot be read. */
export async function startOcpp(deps: OcppDeps): Promise<OcppEdge> {
  const counters = freshCounters()
  const newMessageId = messageIds(deps)
  const circle = new LinkCircle(deps.ports)
  const refused = refusedList(deps.ports)
  const via = deps.ports.secrets.token(VIA_BYTES)
  const site = await deps.store.site()
  const room = new IncomingRoom(deps.ports, deps.maxIncomingChars)
  const shared = {
    ports: deps.ports,
    desk: deps.desk,
    store: deps.store,
    book: createTransactionBook(site.transactions, site.nextTransactionId),
    ledger: createLedger(site.ledgerIds),
    counters,
    budget: createBudget(deps.bounds),
    health: createCsmsHealth(),
    turns: new ReplayTurns(deps.ports.clock),
    room,
    ownClock: new OwnClock({ wallMs: deps.ports.clock.wallMs(), monoMs: deps.ports.clock.monoMs() }),
    replayHold: () => deps.replayHold?.(),
    hasJournal: deps.hasJournal ?? true,
    isClockTrusted: () => deps.isClockTrusted?.() ?? true,
    on: (event: StationEvent) => tell(deps, event),
  }
  const tags = new SiteTags(site.tags)
  const mirrors = createMirrors(deps, { via, newMessageId })
  const trace = new FrameTrace(deps.ports.clock)
  const sessions = new Map<string, StationSession>()
  let config = deps.config
  const open = (station: StationConfig, stored: StoredStation): StationSession => {
    const dialling = {
      newMessageId,
      circle,
      via,
      tags,
      counters,
      refused,
      mirrors,
      room,
      config: () => config,
    }
    const session = openSession({ deps, station, stored }, shared, dialling)
    sessions.set(station.id, session)
    return session
  }
  const kept = await deps.store.stations(config.stations.map(({ id }) => id))
  for (const station of config.stations) {
    const stored = kept.get(station.id)
    if (stored !== undefined) open(station, stored)
  }
  const security = deps.security ?? noSecurity(deps.config)
  const learning = new LearningRoom({ ports: deps.ports, newMessageId, on: event => deps.onLearner(event) })
  const admit = (stationId: string, remote: string): 'known' | 'unknown' | 'too-many' => {
    if (sessions.has(stationId)) return 'known'
    const admission = learning.admits(stationId, remote)
    return admission === 'learner' ? 'known' : admission
  }
  const listener = await startStationServer({
    ports: deps.ports,
    doors: doorsOf(deps.config.ocpp),
    security,
    admit,
    mayOfferNone: stationId =>
      config.stations.some(
        ({ id, leniency }) => id === stationId && leniency.includes('missing-subprotocol'),
      ),
    passwordOf: stationId => deps.passwordOf(stationId),
    arePasswordsLost: () => deps.arePasswordsLost?.() === true,
    hasJudge: () => config.csms !== undefined,
    passwords: deps.passwords,
    refused,
    onTurnedAway: () => {
      counters.turnedAway++
    },
    onStranger: () => {
      counters.strangers++
    },
    via,
    onStation: accepted => (sessions.get(accepted.stationId) ?? learning).connected(trace.watching(accepted)),
  })
  if (deps.config.ocpp.unknownStations === 'learn') learning.open()
  // before anything goes up: each look at the disk would wait for the deliveries of all
  let left = await leftBehind(deps, config.stations)
  for (const session of sessions.values()) session.resume()
  const reconfigure = async (next: SiteConfig): Promise<void> => {
    const before = config
    config = next
    const old = new Map(before.stations.map(station => [station.id, station]))
    const isOver = (station: StationConfig): boolean => {
      const now = next.stations.find(({ id }) => id === station.id)
      return now === undefined || stationChange(station, now) === 'anew'
    }
    for (const station of before.stations) {
      if (!isOver(station)) continue
      sessions.get(station.id)?.leave()
      sessions.delete(station.id)
    }
    const opening = next.stations.filter(({ id }) => !sessions.has(id))
    const stored = await deps.store.stations(opening.map(({ id }) => id))
    for (const station of opening) {
      const found = stored.get(station.id)
      if (found !== undefined) open(station, found).resume()
      learning.placed(station.id)
    }
    for (const session of sessions.values()) session.reconfigured()
    if (before.csms?.url !== next.csms?.url)
      for (const [id, session] of sessions) if (old.has(id)) session.redial()
    trace.keepOnly(new Set(next.stations.map(({ id }) => id)))
    left = await leftBehind(deps, next.stations)
  }
  const hourly = deps.ports.clock.every(HOUR_MS, () => {
    for (const session of sessions.values()) session.hourly()
  })

  return {
    port: listener.ports[0] ?? 0,
    ports: listener.ports,
    reconfigure,
    revoked: sha256 => listener.revoked(sha256),
    counters,
    call: (stationId, call, done) => {
      const session = sessions.get(stationId)
      if (session !== undefined) session.call(call, done)
      else if (!learning.call(stationId, call, done)) done({ kind: 'closed' })
    },
    release: async stationId => (await sessions.get(stationId)?.release()) ?? [],
    takeBack: stationId => sessions.get(stationId)?.takeBack(),
    learn: open => {
      if (open) learning.open()
      else learning.close()
    },
    learningForMs: () => learning.openForMs(),
    commandFault: (stationId, action, payload) =>
      sessions.has(stationId) ? commandFault(action, payload) : { kind: 'unknown-station' },
    command: (stationId, action, payload) => {
      const session = sessions.get(stationId)
      const fault = commandFault(action, payload)
      if (session === undefined) return Promise.resolve({ kind: 'closed' })
      if (fault !== undefined)
        return Promise.resolve(callError(fault.code, `${fault.path}: ${fault.expected}`))
      return session.command(action, payload)
    },
    station: stationId => sessions.get(stationId)?.state(),
    frames: stationId => trace.of(stationId) ?? [],
    tryCsms: stationId => sessions.get(stationId)?.tryCsms(),
    tryCsmsForAll: () => circle.tryAll(),
    refused: () => refused.list(),
    refusals: () => refused.totals(),
    operatorTags: () => tags.operatorList(),
    setOperatorTags: entries => writeOperatorTags(deps, tags, entries),
    waitingMessages: () => {
      let sum = left.reduce((waiting, one) => waiting + one.waiting, 0)
      for (const session of sessions.values()) sum += session.waiting()
      return sum
    },
    backlog: () => [...[...sessions.values()].map(session => session.backlog()), ...left],
    drain: () => {
      for (const session of sessions.values()) session.drain()
    },
    deadLetters: () => deps.store.deadLetters(),
    resend: async (stationId, seq, how) => {
      const sent = await sessions.get(stationId)?.resend(seq, how)
      return sent === 0 ? undefined : sent
    },
    giveUp: async (stationId, seq, by) => {
      const gone = await sessions.get(stationId)?.giveUp(seq, by)
      return gone === 0 ? undefined : gone
    },
    mirrors: () => mirrors.states(),
    incoming: () => ({ chars: room.chars, isOverfull: room.isOverfull }),
    stop: async () => {
      hourly.cancel()
      circle.stop()
      shared.turns.stop()
      for (const session of sessions.values()) session.stop()
      mirrors.stop()
      learning.stop()
      await listener.stop()
    },
  }
}

/** Dead letters are decided about in days. */
const HOUR_MS = 3_600_000

function createMirrors(
  { ports, config, mirrorPasswordOf }: OcppDeps,
  { via, newMessageId }: Pick<Dialling, 'via' | 'newMessageId'>,
): Mirrors {
  return new Mirrors({
    ports,
    mirrors: config.csms?.mirrors ?? [],
    newMessageId,
    headersOf: (mirrorId, stationId, through) => {
      // never the station's own: that is between it and its CSMS
      const password = mirrorPasswordOf?.(mirrorId)
      return {
        ...(password !== undefined && {
          authorization: basicHeader(stationId, new TextEncoder().encode(password)),
        }),
        [VIA]: viaHeader(through, via),
      }
    },
  })
}

/** 72 bits: no two Busbars have the same. */
const VIA_BYTES = 9

/** Unique over all connections of this process, 20 characters at most (OCPP-J 1.6 §4.1.4 allows 36). */
function messageIds({ ports }: OcppDeps): () => string {
  const prefix = Math.floor(ports.random.next() * 36 ** 6).toString(36)
  let next = 0
  return () => `${prefix}-${(next++).toString(36)}`
}

function freshCounters(): Counters {
  return {
    callsFromStations: 0,
    callsFromCsms: 0,
    schemaViolations: 0,
    droppedFrames: 0,
    unknownAnswers: 0,
    answeredHere: 0,
    ownSamples: 0,
    repairedCalls: 0,
    replayed: 0,
    deadLetters: 0,
    shedMeterValues: 0,
    shedSecurityEvents: 0,
    leftUnanswered: 0,
    lateAnswers: 0,
    doubledAnswers: 0,
    turnedAway: 0,
    strangers: 0,
    damped: 0,
  }
}
