/**
 * The OCPP edge: opens the port for stations, gives each configured station its session and its own socket to the
 * CSMS, and loads what was kept before the first one connects. Failures to listen reject with the reason.
 */
import { callError } from '../core/answer.js'
import { isDrivenByCsms, type SiteConfig, type StationConfig } from '../core/config/site.js'
import { ratedPowersOf } from '../core/measuring/energy-count.js'
import { createBudget } from '../core/offline/budget.js'
import { createCsmsHealth } from '../core/offline/delivery.js'
import { NO_ENERGY, type StoredStation } from '../core/offline/records.js'
import { type OperatorTag, SiteTags } from '../core/offline/site-tags.js'
import { createTransactionBook } from '../core/offline/transactions.js'
import { OwnClock } from '../core/offline/unset-times.js'
import { createCsmsLink, csmsUrl } from './csms/csms-link.js'
import { basicHeader, viaHeader } from './csms/headers.js'
import { LinkCircle } from './csms/link-circle.js'
import type { UpstreamOptions } from './csms/upstream.js'
import type { OcppDeps, OcppEdge, StationBacklog, StationSecurity } from './edge.js'
import { commandFault } from './journeys/command-fault.js'
import { Mirrors } from './mirrors/mirrors.js'
import { type Counters, countFrame, type SessionParts } from './session-parts.js'
import { LearningRoom } from './station/learning-room.js'
import { type RefusedList, refusedList } from './station/refused-list.js'
import { RememberedStation } from './station/remembered-station.js'
import { VIA } from './station/station-handshake.js'
import { type StationDoor, startStationServer } from './station/station-server.js'
import { StationSession } from './station-session.js'
import { createLedger } from './transactions/ledger.js'
import { ReplayTurns } from './transactions/turns.js'
import { IncomingRoom } from './wire/incoming-room.js'

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
    isClockTrusted: () => deps.isClockTrusted?.() ?? true,
    on: deps.on,
  }
  const tags = new SiteTags(site.tags)
  const mirrors = createMirrors(deps, { via, newMessageId })
  const stored = await deps.store.stations(deps.config.stations.map(({ id }) => id))
  const sessions = new Map<string, StationSession>()
  for (const station of deps.config.stations) {
    const kept = stored.get(station.id)
    if (kept === undefined) continue
    sessions.set(
      station.id,
      openSession({ deps, station, stored: kept }, shared, {
        newMessageId,
        circle,
        via,
        tags,
        counters,
        refused,
        mirrors,
        room,
      }),
    )
  }
  const lenient = new Set(
    deps.config.stations.filter(one => one.leniency.includes('missing-subprotocol')).map(({ id }) => id),
  )
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
    mayOfferNone: stationId => lenient.has(stationId),
    passwordOf: stationId => deps.passwordOf(stationId),
    passwords: deps.passwords,
    refused,
    onTurnedAway: () => {
      counters.turnedAway++
    },
    onStranger: () => {
      counters.strangers++
    },
    via,
    onStation: accepted => (sessions.get(accepted.stationId) ?? learning).connected(accepted),
  })
  if (deps.config.ocpp.unknownStations === 'learn') learning.open()
  // before anything goes up: each look at the disk would wait for the deliveries of all
  const left = await leftBehind(deps)
  for (const session of sessions.values()) session.resume()
  const hourly = deps.ports.clock.every(HOUR_MS, () => {
    for (const session of sessions.values()) session.hourly()
  })

  return {
    port: listener.ports[0] ?? 0,
    ports: listener.ports,
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
    tryCsms: stationId => sessions.get(stationId)?.tryCsms(),
    tryCsmsForAll: () => circle.tryAll(),
    refused: () => refused.list(),
    refusals: () => refused.totals(),
    operatorTags: () => tags.operatorList(),
    setOperatorTags: entries => writeOperatorTags(deps, tags, entries),
    waitingMessages: () =>
      [
        ...[...sessions.values()].map(session => session.waiting()),
        ...left.map(({ waiting }) => waiting),
      ].reduce((sum, waiting) => sum + waiting, 0),
    backlog: () => [...[...sessions.values()].map(session => session.backlog()), ...left],
    drain: () => {
      for (const session of sessions.values()) session.drain()
    },
    deadLetters: () => deps.store.deadLetters(),
    resend: async (stationId, seq, how) => {
      const sent = await sessions.get(stationId)?.resend(seq, how)
      return sent === 0 ? undefined : sent
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

function doorsOf({ host, listeners, port, securityProfile }: SiteConfig['ocpp']): readonly StationDoor[] {
  return listeners ?? [{ host, port, securityProfile }]
}

/** Nothing is encrypted, signed or remembered. */
const noSecurity = ({ csms }: SiteConfig): StationSecurity => ({
  serverTls: () => undefined,
  clientTls: () => undefined,
  leastProfileOf: () => 0,
  expectedNameOf: stationId => ({ stationId }),
  isRevoked: () => false,
  mayBeOutOfTime: () => false,
  proven: () => undefined,
  signsHere: () => csms === undefined,
  sign: async () => undefined,
  onRenewed: () => undefined,
})

async function writeOperatorTags(
  { ports, store }: OcppDeps,
  tags: SiteTags,
  entries: readonly OperatorTag[],
): Promise<boolean> {
  const nowWallMs = ports.clock.wallMs()
  try {
    await store.commit(tags.replacing(entries, nowWallMs), true)
  } catch (fault) {
    const detail = fault instanceof Error ? fault.message : 'unknown'
    ports.log.write('error', 'journal-write-failed', { detail })
    return false
  }
  tags.replaced(entries, nowWallMs)
  return true
}

/** Dead letters are decided about in days. */
const HOUR_MS = 3_600_000

/** What waits for stations that are configured no more: nobody can deliver it, so it is at least shown. */
async function leftBehind({ store, config }: OcppDeps): Promise<readonly StationBacklog[]> {
  const configured = new Set(config.stations.map(({ id }) => id))
  const found: StationBacklog[] = []
  for (const stationId of await store.stationsWithBacklog()) {
    if (configured.has(stationId)) continue
    const { count, bytes, first } = await store.waiting(stationId)
    found.push({
      stationId,
      isConfigured: false,
      waiting: count,
      bytes,
      ...(first !== undefined && { oldestWallMs: first.receivedWallMs }),
      deadLetters: (await store.deadLetters(stationId)).length,
      openTransactions: 0,
      mappedTransactions: 0,
      isExhausted: false,
      isSure: true,
      energy: NO_ENERGY,
    })
  }
  return found
}

interface Dialling {
  readonly circle: LinkCircle
  /** See station-handshake. */
  readonly via: string
  readonly tags: SiteTags
  readonly counters: Counters
  readonly refused: RefusedList
  readonly mirrors: Mirrors
  readonly room: IncomingRoom
  newMessageId(): string
}

type Shared = Pick<
  SessionParts,
  | 'ports'
  | 'desk'
  | 'store'
  | 'book'
  | 'ledger'
  | 'counters'
  | 'budget'
  | 'health'
  | 'turns'
  | 'ownClock'
  | 'room'
  | 'replayHold'
  | 'isClockTrusted'
  | 'on'
>

interface Opening {
  readonly deps: OcppDeps
  readonly station: StationConfig
  readonly stored: StoredStation
}

function openSession({ deps, station, stored }: Opening, shared: Shared, dialling: Dialling): StationSession {
  const remembered = new RememberedStation({
    stored,
    store: deps.store,
    station,
    site: deps.config.offline,
    hasCsms: deps.config.csms !== undefined,
    isSpent: idTag => shared.book.isSpent(idTag),
    tags: dialling.tags,
    log: deps.ports.log,
  })
  return new StationSession({
    parts: {
      ...shared,
      stationId: station.id,
      remembered,
      mirrors: dialling.mirrors.station(station.id),
      holdsPassword: () => deps.passwordOf(station.id) !== undefined,
      passwords: deps.passwords,
      security: deps.security ?? noSecurity(deps.config),
      doors: new Set(doorsOf(deps.config.ocpp).map(({ securityProfile }) => securityProfile)),
      offlineDataTransfer: deps.offlineDataTransferOf(station.id),
      guardedKeys: deps.guardedKeysOf(station.id),
      isDrivenByCsms: isDrivenByCsms(station),
      ratedW: ratedPowersOf(station.connectors, deps.config.site.nominalVoltageV),
    },
    stored,
    leniency: new Set(station.leniency),
    openLink: linkFactory(deps, station.id, dialling),
    secrets: deps.ports.secrets,
    refused: dialling.refused,
    authorization: () => {
      const { passwords } = deps
      const password = passwords === undefined ? deps.passwordOf(station.id) : passwords.upstream(station.id)
      return password === undefined ? undefined : basicHeader(station.id, password)
    },
    newMessageId: dialling.newMessageId,
  })
}

function linkFactory(
  deps: OcppDeps,
  stationId: string,
  { circle, counters, newMessageId, room, via }: Dialling,
): UpstreamOptions['openLink'] {
  const { csms } = deps.config
  if (csms === undefined) return undefined
  return ({ authorization, through }, handlers) =>
    createCsmsLink({
      ports: deps.ports,
      url: csmsUrl(csms.url, stationId),
      tls: () => deps.security?.clientTls(stationId),
      headers: {
        ...(authorization !== undefined && { authorization }),
        [VIA]: viaHeader(through, via),
      },
      handlers,
      room,
      circle,
      newMessageId,
      onFrame: kind => countFrame(counters, kind),
    })
}

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
