/**
 * Composition root: builds Busbar from ports and a proven configuration, and ends it in order. The only file that knows
 * every edge; it knows ports, never adapters. Nothing listens before what was known is loaded.
 */
import type { SiteConfig } from './core/config/site.js'
import { Controller } from './core/control/controller.js'
import { faultsBesideUncontrolled } from './core/control/release.js'
import type { ControlSite } from './core/control/state.js'
import { SmartChargingContract } from './core/schedule/contract.js'
import { proveSite } from './core/site/promise.js'
import { History } from './core/view/history.js'
import type { Links } from './core/view/link-view.js'
import { STATION_STEP_S } from './core/view/station-moments.js'
import { AlarmRecords } from './gateway/alarm-records.js'
import { guardedKeysOf, modelOf } from './gateway/catalogue.js'
import { commandDesk } from './gateway/command-desk.js'
import { ControlLoop } from './gateway/control-loop.js'
import { DecisionKeeper } from './gateway/decision-keeper.js'
import { startDepotSystem } from './gateway/depot-system.js'
import { createDesk } from './gateway/desk.js'
import { startGridInputs } from './gateway/grid-inputs.js'
import { healthReasons } from './gateway/health.js'
import { HistoryKeeper, KEEP_STATIONS_S } from './gateway/history-keeper.js'
import { startHousekeeping } from './gateway/housekeeping.js'
import { startInnerBroker } from './gateway/inner-broker.js'
import { JournalCare } from './gateway/journal-care.js'
import { journalState, journalView } from './gateway/journal-state.js'
import { watchJournal } from './gateway/journal-watch.js'
import { StateKeeper } from './gateway/kept-state.js'
import { brokerPassword, keptFaults, mirrorPassword, startBroker } from './gateway/links.js'
import { applyLive, Replaceable } from './gateway/live-application.js'
import { securedLines } from './gateway/meter-lines.js'
import { createMetrics } from './gateway/metrics.js'
import type { Gateway, GatewayOptions } from './gateway/options.js'
import { SiteOrders } from './gateway/orders.js'
import { openPage, type PageDoor } from './gateway/page-door.js'
import { PromptNews } from './gateway/prompt-news.js'
import { proofView } from './gateway/prove.js'
import { siteReader } from './gateway/reader.js'
import { securityDesk } from './gateway/security-desk.js'
import { SessionClaims } from './gateway/session-claims.js'
import { SessionHabits } from './gateway/session-habits.js'
import { SessionRecords } from './gateway/session-records.js'
import { type SiteMeters, startSiteMeters } from './gateway/site-meters.js'
import { startSiteRegisters } from './gateway/site-registers.js'
import { SiteWindow } from './gateway/site-window.js'
import { stationEvents } from './gateway/station-events.js'
import { SiteSecurity } from './gateway/station-security.js'
import { steadyClock } from './gateway/steady-clock.js'
import { startSyslog } from './gateway/syslog-feed.js'
import { Times } from './gateway/times.js'
import { WiringKeeper } from './gateway/wiring-keeper.js'
import type { MqttPublisher } from './mqtt/publisher.js'
import type { OcppEdge } from './ocpp/edge.js'
import { startOcpp } from './ocpp/stations.js'
import type { Ports, Stoppable } from './ports.js'
import { openControlStore } from './store/control-store.js'
import { openDecisionStore } from './store/decision-store.js'
import { openHistoryStore } from './store/history-store.js'
import { openOrderStore } from './store/order-store.js'
import { openStationStore } from './store/station-store.js'
import { isFilePath } from './web/file-routes.js'
import { localNames } from './web/guards.js'
import { createWeb } from './web/web.js'

/** Rejects with an Error that says what could not be opened; then everything opened before is closed again. */
export async function startGateway(ports: Ports, options: GatewayOptions): Promise<Gateway> {
  const opened: Stoppable[] = []
  try {
    return await compose(ports, options, opened)
  } catch (error) {
    await stopAll(opened)
    throw error
  }
}

async function compose(outer: Ports, options: GatewayOptions, opened: Stoppable[]): Promise<Gateway> {
  const { catalogue } = options
  let { config } = options
  const [times, prompt] = [new Times(), new PromptNews()]
  const watched = watchJournal({ ...outer, onCommit: tookMs => times.ofCommit(tookMs) })
  const ports: Ports = { ...outer, journal: watched.journal, files: watched.files }
  const pageClock = options.pageClock ?? ports.clock
  const profile = catalogue.siteProfiles.get(config.site.profile)
  if (profile === undefined) throw new Error(`site profile "${config.site.profile}" is not known`)
  let proof = proveSite(config, catalogue.stationModels, profile)
  let siteProof = proofView(config, catalogue, proof)
  const store = openControlStore(ports.journal, ports.log)
  const contract = new SmartChargingContract(await store.contracts())
  const now = { monoMs: ports.clock.monoMs(), wallMs: ports.clock.wallMs() }
  const controlSite = (): ControlSite => ({
    ...{ config, models: catalogue.stationModels, profile, leaseS: proof.leaseS },
    csmsSteps: (stationId, connectorId, fromMs, toMs) => {
      const station = controller.state.stations.get(stationId)
      if (station === undefined) return [{ atMs: fromMs, limitA: undefined }]
      return contract.steps(station, connectorId, { fromMs, toMs }, config.site.nominalVoltageV)
    },
  })
  const controller: Controller = new Controller(controlSite(), await store.bookings(), now)
  const keeper = await StateKeeper.open(ports)
  const care = await JournalCare.open(
    ports,
    config.site.id,
    options.journalFound?.() ?? { rolledBack: false },
  )
  for (const { stationId, retired } of keeper.isolated()) {
    const isBack = retired === true && controller.state.stations.has(stationId)
    if (isBack || !controller.isolate(stationId, true)) keeper.isolate(stationId, false, '')
  }
  const ownNames = options.ownNames ?? []
  const security = await SiteSecurity.open(ports, { config, keeper, ownNames })
  opened.push(security)
  const syslog = startSyslog(ports, config, options.record, () => security.syslogTls())
  if (syslog !== undefined) opened.push(syslog)
  const sitePorts: Ports = { ...ports, clock: steadyClock(ports.clock, controller) }
  let ocpp: OcppEdge | undefined
  let siteMeters: SiteMeters | undefined
  let mqtt: Replaceable<MqttPublisher> | undefined
  let page: PageDoor | undefined
  const links = (): Links => ({
    csms: {
      ...(config.csms !== undefined && { url: config.csms.url }),
      waitingMessages: ocpp?.waitingMessages() ?? 0,
    },
    csmsLink: stationId => ocpp?.station(stationId)?.csms,
    bootOf: stationId => ocpp?.station(stationId)?.boot,
    mqtt:
      config.mqtt === undefined || mqtt?.now === undefined
        ? undefined
        : { ...mqtt.now.status(), url: config.mqtt.url },
    refused: ocpp?.refused() ?? [],
    mirrors: ocpp?.mirrors() ?? [],
    meterTraffic: meterId => siteMeters?.toldTraffic(meterId),
    meterStrangers: meterId => siteMeters?.strangers(meterId),
    isOverfull: ocpp?.incoming().isOverfull === true,
    learningForMs: ocpp?.learningForMs(),
    journal: journalState(watched, care, ocpp?.backlog() ?? [], options.journalFault),
    ...keptFaults(keeper, options.secretsLost?.()),
    certificates: {
      ...security.state(),
      ...(options.record && { record: options.record.state() }),
      ...syslog?.alarm(),
    },
    acknowledged: keeper.acknowledged(),
  })
  const decisionStore = await openDecisionStore(ports.journal, ports.log)
  const decisions = new DecisionKeeper({ clock: ports.clock, log: ports.log, store: decisionStore })
  const wiring = await WiringKeeper.open({ log: ports.log, store, controller })
  const orderStore = await openOrderStore(ports.journal, ports.secrets)
  const loop: ControlLoop = new ControlLoop({
    ports,
    controller,
    store,
    call: (stationId, call, done) =>
      ocpp === undefined ? done({ kind: 'closed' }) : ocpp.call(stationId, call, done),
    watchClock: pageClock,
    cleared: (stationId, { connectorId = 0, chargingProfilePurpose: purpose = '', stackLevel }) =>
      keeper.cleared(stationId, { connectorId, purpose, ...(stackLevel !== undefined && { stackLevel }) }),
    orderEnded: order => {
      const lost = (fault: unknown) => ports.log.write('error', 'order not written', { fault: String(fault) })
      orderStore.append(order).catch(lost)
    },
    decided: tookMs => times.ofDecision(tookMs),
    changed: () => {
      window.changed()
      const news = mqtt?.now === undefined ? undefined : prompt.look(controller.state)
      if (news !== undefined) mqtt?.now?.hurry(news)
      decisions.look(controller.state, window.reasons())
      wiring.look(controller)
    },
  })
  opened.push(loop)
  const seconds = new History()
  const ofStations = new History(STATION_STEP_S, 'highest')
  const window: SiteWindow = new SiteWindow(ports, () => controller.state, links, {
    history: seconds,
    stationHistory: ofStations,
    over: alarm => keeper.over(alarm),
  })
  opened.push(window)
  const claims = await SessionClaims.open({
    log: ports.log,
    config,
    store,
    habits: await SessionHabits.open({ log: ports.log, store, timeZone: config.site.timeZone }),
    tell: record => controller.claim(record),
  })
  const orders = new SiteOrders({
    ...{ keeper, claims, clock: ports.clock },
    state: () => controller.state,
    now: () => loop.siteNow(),
    decide: () => loop.decide(),
  })
  const desk = createDesk({
    ports: sitePorts,
    contract,
    store,
    state: () => controller.state,
    changed: stationId => loop.onStation({ kind: 'csms-profiles-changed', stationId }),
  })
  const history = new HistoryKeeper(ports, seconds, openHistoryStore(ports.journal))
  const stationSpans = openHistoryStore(ports.journal, 'station-history')
  const stationHistory = new HistoryKeeper(ports, ofStations, stationSpans, KEEP_STATIONS_S)
  const alarms = new AlarmRecords(ports)
  const sessions = await SessionRecords.open({
    ports,
    timeZone: () => config.site.timeZone,
    state: () => controller.state,
  })
  window.onLook(() => {
    if (options.journalFound !== undefined) care.look(options.journalFound())
    alarms.look(window.alarms())
    orders.look()
    sessions.look(window.reasons())
  })
  const histories = [history, stationHistory]
  opened.push(
    startHousekeeping(ports, { keeper, histories, orders, sessions, alarms: () => window.alarms() }),
  )
  const onStation = stationEvents({
    ...{ ports: sitePorts, keeper, contract, controller, loop, sessions, claims },
    keep: (stationId, changed) => desk.keep(stationId, changed),
  })
  const meters: SiteMeters = startSiteMeters({
    ...{ pageClock, catalogue, controller, loop, serial: options.serial },
    ports: { ...ports, bus: securedLines(ports.bus, trust => security.meterTls(trust)) },
    config: () => config,
  })
  siteMeters = meters
  opened.push(meters)
  const stationStore = openStationStore(ports.journal, ports.log)
  const edge = await startOcpp({
    ports: sitePorts,
    config,
    store: stationStore,
    passwordOf: options.passwordOf,
    arePasswordsLost: () => options.secretsLost?.() !== undefined,
    guardedKeysOf: stationId => guardedKeysOf(modelOf(config, catalogue, stationId)),
    offlineDataTransferOf: stationId => modelOf(config, catalogue, stationId)?.offlineDataTransfer ?? [],
    mirrorPasswordOf: mirrorId => mirrorPassword(options, config, mirrorId),
    desk,
    replayHold: () => options.journalFault ?? care.hold?.text,
    hasJournal: options.journalFault === undefined,
    security,
    ...(options.passwords !== undefined && { passwords: options.passwords }),
    isClockTrusted: () => controller.isClockTrusted(ports.clock.monoMs()),
    on: onStation,
    onLearner: event => loop.onStation(event),
  })
  ocpp = edge
  opened.push(edge)
  opened.push(await startInnerBroker(ports, config.mqtt, brokerPassword(options, config), security))
  mqtt = new Replaceable(() =>
    startBroker(options, { ports, config, window, orders, sessions, alarms, security }),
  )
  opened.push(mqtt)
  const broker = mqtt
  window.onChange(() => broker.now?.refresh())
  const metrics = createMetrics({
    view: () => window.view(),
    ocpp: () => edge.counters,
    modbus: () => meters.counters(),
    meters: () => meters.traffic(),
    refusals: () => edge.refusals(),
    securityEvents: () => options.record?.counts() ?? new Map(),
    storage: () => watched.counters,
    backlog: () => edge.backlog(),
    mirrors: () => edge.mirrors(),
    nowWallMs: () => ports.clock.wallMs(),
    times: times.all,
    ...(options.processMetrics !== undefined && { process: options.processMetrics }),
  })
  const web = createWeb({
    ports: { ...ports, clock: pageClock },
    blobs: ports.blobs,
    users: options.users,
    site: {
      ...siteReader({
        ...{
          clock: ports.clock,
          window,
          history,
          stationHistory,
          stationStore,
          orderStore,
          decisionStore,
          edge,
        },
        ...{ sessions, alarms, state: () => controller.state, siteNow: () => loop.siteNow() },
        proof: () => siteProof,
      }),
      journal: () =>
        journalView(journalState(watched, care, edge.backlog(), options.journalFault), edge.backlog()),
      metrics,
      health: () =>
        healthReasons({ idleMs: loop.idleMs(), journalFault: options.journalFault ?? watched.failingNow() }),
    },
    commands: commandDesk({
      ...{ alarms, orders, edge, loop, care, keeper, claims, sessions, window, meters },
      state: () => controller.state,
      broker: () => broker.now,
    }),
    security: securityDesk({
      config: () => config,
      security,
      record: options.record,
      certificates: ports.certificates,
      log: ports.log,
      shownProfile: stationId => keeper.shownProfile(stationId),
      closeThoseWith: edge.revoked,
    }),
    redirectsPlain: ports.certificates !== undefined && config.web.plainHttp === 'redirect',
    meters: meters.desk,
    hostNames: [...config.web.hostNames, ...localNames(options.hostname ?? '')],
    announced: () => page?.networks() ?? [],
    ...(options.levers !== undefined && { levers: options.levers }),
    ...(options.userDesk !== undefined && { userDesk: options.userDesk }),
    ...(options.audit !== undefined && { audit: options.audit }),
    ...(options.backup !== undefined && { backup: options.backup }),
    ...(options.configuration !== undefined && { configuration: options.configuration }),
    ...(options.sessions !== undefined && { sessions: options.sessions }),
    ...(options.setup !== undefined && { setup: options.setup }),
  })
  const watch = options.setup?.watch({ view: () => window.view(), tests: meters.stationTests })
  if (watch !== undefined) opened.push(watch)
  opened.push(
    await startSiteRegisters(ports, config, {
      view: () => window.view(),
      book: () => controller.state.orders,
      passThrough: meters.passThrough,
      orders,
    }),
  )
  opened.push(
    await startDepotSystem({
      ...{ ports, identities: security, orders, claims, view: () => window.view(), config: () => config },
      password: config.vdv463 && options.secretNamed?.(config.vdv463.passwordSecret),
    }),
  )
  const gridInputs = new Replaceable(() => startGridInputs({ ports, desk: orders }, config))
  opened.push(gridInputs)
  const apply = (next: SiteConfig): Promise<void> =>
    applyLive(
      {
        ...{ log: ports.log, meters, mqtt: broker, gridInputs, current: () => config },
        stations: taken => edge.reconfigure(taken),
        take: taken => {
          config = taken
          proof = proveSite(config, catalogue.stationModels, profile)
          siteProof = proofView(config, catalogue, proof)
          security.reconfigure(config)
          claims.reconfigure(config)
          loop.reconfigure(controlSite())
          page?.announce(config.web)
        },
      },
      next,
    )
  options.applies?.({ apply, faults: next => faultsBesideUncontrolled(controller.state, next) })
  const address = { ...config.web, mayTakeLong: isFilePath, hostname: options.hostname ?? '' }
  const opening = openPage(ports, { ...address, siteId: config.site.id }, security, web)
  page = await opening
  opened.push(page)
  ports.log.write('info', 'busbar runs', {
    site: config.site.id,
    ocppPort: edge.port,
    webPort: page.port,
    pageSha256: page.fingerprint,
    stations: config.stations.length,
  })
  return {
    ocppPort: edge.port,
    ocppPorts: edge.ports,
    webPort: page.port,
    ...(page.fingerprint !== undefined && { fingerprint: page.fingerprint }),
    proof,
    view: () => window.view(),
    control: () => controller.state,
    command: edge.command,
    apply,
    stop: () => stopAll(opened),
  }
}

/** In the reverse order of opening; one that fails to stop does not keep the others. */
async function stopAll(opened: Stoppable[]): Promise<void> {
  for (const part of opened.splice(0).reverse()) await part.stop()
}
