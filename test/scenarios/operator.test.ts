/**
 * The whole gateway as its operator meets it, in simulated time: what was said of a station outlives a restart, each
 * degraded mode is told everywhere, and a control loop that stands still is told to the supervisor.
 */
import t from 'tap'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import type { SiteView } from '../../src/core/view/document.js'
import { BackupDesk, finishRestore } from '../../src/gateway/backup-desk.js'
import { ConfigurationDesk } from '../../src/gateway/configuration-desk.js'
import { openSecretStore } from '../../src/gateway/secret-store.js'
import type { Clock, Vault } from '../../src/ports.js'
import { Csms } from '../../src/sim/csms.js'
import { DEGRADED_MODES } from './fixtures/degraded-modes.js'
import { catalogue, MINUTE, SECOND, Yard } from './fixtures/yard.js'

function yardOfTwo(mqtt = false): Yard {
  return new Yard({
    mqtt,
    circuits: [{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 50, metered: true }],
    stations: [
      { id: 'CP-1', circuit: 'main' },
      { id: 'CP-2', circuit: 'main' },
    ],
  })
}

const codes = (view: SiteView): readonly string[] => view.alarms.map(({ code }) => code)
const isolated = (yard: Yard): readonly string[] =>
  yard.view().stations.flatMap(station => (station.isolated ? [station.id] : []))

/** CP-1's supply is cut, and somebody says so on the page. */
async function withIsolation(): Promise<Yard> {
  const yard = yardOfTwo()
  await yard.open()
  await yard.world.until(yard.station('CP-1').stop())
  await yard.world.runFor(10 * SECOND)
  t.ok(yard.connectorView('CP-1').bookedA > 0)
  const answer = await yard.ask('/api/v1/stations/CP-1/isolation', { isolated: true })
  t.equal(answer.status, 200)
  await yard.world.runFor(2 * SECOND)
  t.equal(yard.connectorView('CP-1').bookedA, 0)
  return yard
}

t.test('an isolation outlives a kill of Busbar, and ends when the station connects', async t => {
  const yard = await withIsolation()
  yard.kill()
  await yard.world.runFor(5 * SECOND)
  await yard.startGateway()
  await yard.world.runFor(2 * SECOND)
  t.same(isolated(yard), ['CP-1'])
  t.equal(yard.connectorView('CP-1').bookedA, 0, 'its amps are free for others from the first second')
  yard.addStation({ id: 'CP-1', circuit: 'main' })
  await yard.world.runFor(MINUTE)
  t.same(isolated(yard), [])
  yard.kill()
  await yard.startGateway()
  t.same(isolated(yard), [], 'nor does it come back with the next start')
  await yard.close()
})

t.test('a damaged state.json books an isolated station again and says so', async t => {
  for (const text of ['', '{"version":1,"isol', '\u0000\u0000']) {
    const yard = await withIsolation()
    yard.kill()
    yard.world.disk().putFile('state', text)
    await yard.startGateway()
    await yard.world.runFor(2 * SECOND)
    t.same(isolated(yard), [], JSON.stringify(text))
    t.ok(yard.connectorView('CP-1').bookedA > 0, 'its amps are kept free')
    t.ok(codes(yard.view()).includes('state-lost'))
    await yard.close()
  }
})

t.test('each degraded mode is on page, log, MQTT and metrics within 10 s', async t => {
  for (const [code, breaks] of DEGRADED_MODES) {
    const yard = yardOfTwo(true)
    await yard.open()
    t.same(codes(yard.view()), [], `nothing is wrong before ${code}`)
    await breaks(yard)
    await yard.world.runFor(10 * SECOND)
    const page = (await (await yard.ask('/api/v1/status')).json()) as SiteView
    t.ok(codes(page).includes(code), `${code} on the page, with ${codes(page).join(', ')}`)
    t.equal(page.mode, 'degraded')
    t.equal(yard.world.log().events(`alarm: ${code}`).length, 1, `${code} in the log`)
    t.match(await (await yard.ask('/metrics')).text(), `busbar_alarms{code="${code}"} 1`)
    const told = yard.world.broker.retained('busbar/yard/#')
    // Of the broker itself its last will speaks.
    if (code === 'mqtt-away') t.equal(told.get('busbar/yard/status'), 'offline')
    else t.match(told.get('busbar/yard/alarms'), `"code":"${code}"`)
  }
})

t.test('sessions, energy, alarms and amps are looked up after a kill amid two sessions', async t => {
  const yard = yardOfTwo()
  await yard.open()
  const beganMs = yard.nowMs
  yard.plugIn('CP-1', { maxA: 10 })
  yard.plugIn('CP-2')
  await yard.world.runFor(6 * MINUTE)
  const departureAt = new Date(yard.world.ports.clock.wallMs() + 3 * 60 * MINUTE).toISOString()
  await yard.post('stations/CP-2/connectors/1/session', { departureAt, energyWh: 900_000 })
  yard.kill()
  await yard.world.runFor(30 * SECOND)
  await yard.startGateway()
  await yard.world.runFor(6 * MINUTE)
  t.match((await yard.get('ready')).body.sessions, [
    { stationId: 'CP-2', departureAt, source: 'api', wantedWh: 900_000, readiness: 'late' },
  ])
  const running = (await yard.get('sessions')).body.sessions
  t.match(
    running.map(({ stationId, tag }: { stationId: string; tag: string }) => [stationId, tag]),
    [
      ['CP-1', '…CP-1'],
      ['CP-2', '…CP-2'],
    ],
  )
  t.notOk(
    running.some((one: object) => 'endedAt' in one),
    'both run',
  )

  yard.station('CP-1').connectors[0]?.unplug()
  const transactionId = yard.connectorView('CP-2').transaction?.id
  await yard.post('stations/CP-2/commands/RemoteStopTransaction', { transactionId })
  await yard.world.runFor(2 * MINUTE)
  yard.station('CP-2').connectors[0]?.unplug()
  await yard.world.until(yard.station('CP-2').stop())
  await yard.world.runFor(90 * SECOND)
  await yard.post('alarms/acknowledgement', { code: 'station-gone', about: 'CP-2', acknowledged: true })
  await yard.world.runFor(2 * SECOND)
  yard.addStation({ id: 'CP-2', circuit: 'main' })
  await yard.world.runFor(2 * MINUTE)

  const { sessions, isCut } = (await yard.get('sessions')).body
  t.equal(isCut, false)
  t.match(sessions, [
    { stationId: 'CP-1', circuitId: 'main', isAdopted: false, endedBy: 'driver' },
    { stationId: 'CP-2', circuitId: 'main', isAdopted: false, endedBy: 'operator' },
  ])
  for (const { startedAt, endedAt, averageOfferA, lowestOfferA, heldBack } of sessions) {
    t.ok(Math.abs(Date.parse(endedAt) - Date.parse(startedAt) - 12.5 * MINUTE) < MINUTE, 'over the kill')
    t.ok(
      lowestOfferA <= averageOfferA && averageOfferA <= 32,
      `${lowestOfferA} to ${averageOfferA} A on average`,
    )
    t.ok(heldBack.length > 0)
  }
  const wh = sessions.map(({ energyWh }: { energyWh: number }) => energyWh)
  t.ok(wh[0] > 1_000 && wh[0] < 1_500, `10 A on three phases for 12 minutes: ${wh[0]} Wh`)
  const { days } = (await yard.get('energy')).body
  t.equal(days.length, 1)
  t.same(
    days[0].stations.map(({ energyWh }: { energyWh: number }) => energyWh),
    wh,
    'nothing is counted twice or lost over the kill',
  )
  t.equal(days[0].circuits[0].energyWh, wh[0] + wh[1])

  const { alarms } = (await yard.get('alarms')).body
  const gone = alarms.filter(
    ({ code, about }: { code: string; about?: string }) => code === 'station-gone' && about === 'CP-2',
  )
  t.match(gone.at(-1), { acknowledged: { by: 'admin' }, holds: false, until: String })
  t.ok(Date.parse(gone.at(-1).until) > Date.parse(gone.at(-1).since))

  const at = new Date(yard.world.ports.clock.wallMs() - yard.nowMs + beganMs + 4 * MINUTE).toISOString()
  const { decision } = (await yard.get(`decisions/at?at=${at}`)).body
  t.ok(decision.at <= at)
  t.match(decision.connectors, [{ connector: 'CP-1/1', why: { text: String } }, { connector: 'CP-2/1' }])
  t.same((await yard.get('decisions/at?at=2001-01-01T00:00:00Z')).body, {}, 'of before nothing is kept')
  const history = (await yard.get('history?circuit=main&seconds=3600')).body
  t.ok(Math.max(...history.offeredA) >= 32, `${Math.max(...history.offeredA)} A were offered`)

  const ofStation = (await yard.get('stations/CP-1/history?seconds=3600')).body
  t.equal(ofStation.stationId, 'CP-1')
  t.ok(ofStation.atS.length > 10 && ofStation.atS.length < 100, `${ofStation.atS.length} points of an hour`)
  t.ok(Math.max(...ofStation.offeredA) >= 16)
  t.equal(Math.max(...ofStation.l1A), 10, 'what it drew by its own meter')
  t.ok(
    ofStation.l1A.every((drawnA: number | null, at: number) => (drawnA ?? 0) <= ofStation.limitA[at]),
    'no more than was kept free for it, before the kill and after',
  )
  t.equal((await yard.get('stations/CP-9/history')).status, 404)
  t.equal((await yard.get('stations/CP-1/history?seconds=0')).status, 400)

  for (const path of ['sessions', 'energy', 'alarms', 'ready', 'history', 'stations/CP-1/history']) {
    const answer = await yard.ask(`/api/v1/${path}.csv${path === 'history' ? '?circuit=main' : ''}`)
    t.match(answer.headers.get('content-type'), 'text/csv')
    const text = await answer.text()
    t.notMatch(text, 'TAG-CP', `no whole tag in ${path}`)
    t.ok(text.split('\r\n').length > (path === 'ready' ? 1 : 2), `rows in ${path}`)
  }
  t.match((await yard.get('sessions?station=CP-1')).body.sessions.length, 1)
  t.equal((await yard.get('sessions?from=yesterday')).status, 400)
  t.equal((await yard.get('sessions?unknown=1')).status, 400)
  await yard.close()
})

t.test(
  'a station is shown with its schedule, its notes, and what it said without secrets and tags',
  async t => {
    const yard = yardOfTwo()
    await yard.open()
    yard.plugIn('CP-1', { phases: 1 })
    await yard.world.runFor(3 * MINUTE)
    await yard.post('stations/CP-1/commands/ChangeConfiguration', {
      key: 'AuthorizationKey',
      value: 'sesame-sesame',
    })
    const location = 'ftp://user:letmein@10.0.0.9/path'
    await yard.post('stations/CP-1/commands/GetDiagnostics', { location })
    const { body } = await yard.get('stations/CP-1/detail')
    const [connector] = body.connectors
    const { allocationA } = yard.connectorView('CP-1')
    t.match(connector.csms, [{ limitA: null }], 'the CSMS sets no limit')
    t.equal(connector.ours[0].limitA, allocationA)
    t.same(connector.composite, connector.ours)
    const lease = connector.lease.map(({ limitA }: { limitA: number }) => limitA)
    t.same(lease, [allocationA, 6], 'it falls to its fail-safe by itself')
    t.ok(Date.parse(connector.lease[1].at) - Date.parse(body.from) <= 300 * SECOND)
    t.ok(body.notes.some(({ code }: { code: string }) => code === 'one phase'))
    t.ok(body.counters.profileWrites > 0)

    const { messages } = (await yard.get('stations/CP-1/messages')).body
    const text = JSON.stringify(messages)
    t.notMatch(text, /sesame|letmein|TAG-CP-1/)
    t.match(text, /"idTag":"…CP-1"/)
    t.ok(
      messages.some(
        ({ kind, action }: Record<string, string>) => kind === 'CALLRESULT' && action === 'StartTransaction',
      ),
    )
    const whole = (await yard.get('stations/CP-1/messages?tags=whole')).body.messages
    t.match(JSON.stringify(whole), /"idTag":"TAG-CP-1"/, 'an admin who asks sees tags')
    t.notMatch(JSON.stringify(whole), /sesame|letmein/, 'and no secrets')
    const some = (await yard.get('stations/CP-1/messages?action=setcharging&direction=out')).body.messages
    t.ok(some.length > 0 && some.every(({ action }: { action: string }) => action === 'SetChargingProfile'))
    const lines = await (await yard.ask('/api/v1/stations/CP-1/messages.jsonl')).text()
    t.equal(lines.trim().split('\n').length, (await yard.get('stations/CP-1/messages')).body.messages.length)
    t.equal((await yard.get('stations/CP-9/messages')).status, 404)
    t.equal((await yard.get('stations/CP-9/detail')).status, 404)
    await yard.close()
  },
)

/** As the real one, in no time: what scrypt takes is real and the yard's time is not. */
const VAULT: Vault = {
  seal: async (text, passphrase, context) => ({
    ...{
      kind: 'scrypt-aes-256-gcm',
      salt: btoa(passphrase),
      iv: btoa(context.slice(0, 20)),
      data: btoa(text),
    },
  }),
  open: async ({ salt, data }, passphrase) => (salt === btoa(passphrase) ? atob(data) : undefined),
}
const PASSPHRASE = 'correct horse battery'

/** What a machine of the yard makes and takes back; set-up mode is one without a configuration. */
async function boxOf({ world }: Yard) {
  const { files, log } = world.ports
  const desk = new ConfigurationDesk({ ports: world.ports, catalogue, missing: () => [] })
  const opened = await world.until(openSecretStore({ files, secrets: world.ports.secrets, log }))
  if (!opened.ok) throw new Error('secrets have faults')
  const store = opened.value
  return { desk, store, backup: new BackupDesk({ ports: { ...world.ports, vault: VAULT }, desk, store }) }
}

t.test('a new machine that is given the backup finds the sessions within 2 min, over no limit', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 20, metered: true }],
    stations: ['CP-1', 'CP-2', 'CP-3'].map(id => ({ id, circuit: 'main' })),
  })
  yard.baseA.set('main', [15, 15, 15])
  await yard.open()
  for (const id of ['CP-1', 'CP-2', 'CP-3']) yard.plugIn(id)
  await yard.world.runFor(3 * MINUTE)
  const ids = ['CP-1', 'CP-2', 'CP-3'].map(id => yard.connectorView(id).transaction?.id)
  t.ok(ids.every(id => id !== undefined))
  const { world } = yard
  world.disk().putFile('config', JSON.stringify(yard.config()))
  const old = await boxOf(yard)
  await world.until(old.store.ensureAdmin('of the old box'))
  await world.until(old.store.setSecret('stations', 'CP-1', 'of-the-station'))
  const saved = await world.until(old.backup.make(PASSPHRASE))
  yard.resetWatches()
  yard.gateway = undefined
  world.replace()
  await world.runFor(90 * SECOND)
  const next = await boxOf(yard)
  t.equal((await world.until(next.desk.load())).document, undefined, 'an empty machine')
  const { tag } = await world.until(next.desk.read())
  const outcome = await world.until(next.backup.restore(saved ?? '', PASSPHRASE, { tag, by: 'admin' }))
  t.match(outcome, { kind: 'judged', outcome: { kind: 'restarts' } })
  await world.until(finishRestore(world.ports.files, world.ports.log))
  t.same((await world.until(next.desk.load())).document, yard.config(), 'the configuration of before')
  await world.until(next.store.document())
  t.equal(new TextDecoder().decode(next.store.passwordOf('CP-1')), 'of-the-station')
  const fromMs = yard.nowMs
  await yard.startGateway()
  await world.runFor(2 * MINUTE)
  const readBack = yard.received.filter(
    ({ atMs, action }) => atMs > fromMs && action === 'GetCompositeSchedule',
  )
  t.same([...new Set(readBack.map(({ stationId }) => stationId))].sort(), ['CP-1', 'CP-2', 'CP-3'])
  t.match(yard.view().stations[0]?.boot, { vendor: String, model: String }, 'and what they said they are')
  t.same(
    ['CP-1', 'CP-2', 'CP-3'].map(id => yard.connectorView(id).transaction?.id),
    ids,
    'the transactions that run on the stations',
  )
  t.ok(
    yard.view().stations.every(({ connectors: [one] }) => one?.installedFailSafeA === 6),
    'profiles are laid and accepted',
  )
  t.match((await yard.get('sessions')).body.sessions, [
    { isAdopted: true },
    { isAdopted: true },
    { isAdopted: true },
  ])
  await yard.world.runFor(3 * MINUTE)
  t.equal(yard.overMs('main'), 0, 'no second above the rating meanwhile')
  t.ok(Math.max(...yard.actualA('main')) > 30, 'and they charge')
  yard.station('CP-1').connectors[0]?.unplug()
  await yard.world.runFor(MINUTE)
  const [first] = (await yard.get('sessions?station=CP-1')).body.sessions
  t.match(first, { endedBy: 'driver', isAdopted: true })
  await yard.close()
})

/** Applies the yard's configuration with a change in it, as a PUT does. */
async function applied(yard: Yard, change: (document: Document) => Document): Promise<void> {
  const parsed = parseSiteConfig(change(yard.config() as Document), catalogue)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  await yard.world.until(yard.gateway?.apply(parsed.value) ?? Promise.reject(new Error('no gateway')))
}

interface Document {
  readonly circuits: readonly { readonly id: string; readonly ratedCurrentA: number }[]
  readonly csms: object
  readonly stations: readonly {
    readonly id: string
    readonly connectors: readonly { readonly failSafeCurrentA: number; readonly maxCurrentA: number }[]
  }[]
}

const withFuse = (ratedCurrentA: number) => (document: Document) => ({
  ...document,
  circuits: document.circuits.map(circuit => ({ ...circuit, ratedCurrentA })),
})

t.test('a fuse, stations and the CSMS become others while sessions run, and no session ends', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 20 }],
    stations: ['CP-1', 'CP-2', 'CP-3'].map(id => ({ id, circuit: 'main' })),
  })
  yard.unconfigured.add('CP-3')
  await yard.world.until(yard.csms.start())
  await yard.startGateway()
  for (const id of ['CP-1', 'CP-2']) yard.addStation({ id, circuit: 'main' })
  await yard.world.runFor(MINUTE)
  for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
  await yard.world.runFor(2 * MINUTE)
  t.same(yard.offersA(), [32, 32])
  const links = () => yard.view().stations.map(({ id, since, csms }) => [id, since, csms.since])
  const sessions = () => yard.view().stations.map(({ connectors: [one] }) => one?.transaction?.id)
  const [linked, running] = [links(), sessions()]
  t.ok(running.every(id => id !== undefined))

  await applied(yard, withFuse(60))
  await yard.world.runFor(15 * SECOND)
  t.equal(yard.view().circuits[0]?.limitA, 58.8)
  t.ok(Math.max(...yard.actualA('main')) <= 38.8, `${Math.max(...yard.actualA('main'))} A flow beside 20 A`)
  t.same([links(), sessions()], [linked, running], 'nobody was cut off')

  yard.unconfigured.delete('CP-3')
  await applied(yard, withFuse(60))
  yard.addStation({ id: 'CP-3', circuit: 'main' })
  await yard.world.runFor(2 * MINUTE)
  yard.plugIn('CP-3')
  await yard.world.runFor(2 * MINUTE)
  t.ok(
    yard.offersA().every(offerA => offerA >= 6),
    `three share it: ${yard.offersA()}`,
  )
  t.ok(Math.max(...yard.actualA('main')) <= 38.8)
  t.same(links().slice(0, 2), linked)
  t.same(sessions().slice(0, 2), running)

  const other = new Csms({ ports: yard.world.portsFor('other'), host: 'other', port: 9101 })
  await yard.world.until(other.start())
  const moved = (document: Document) => ({ ...withFuse(60)(document), csms: { url: other.url } })
  const since = yard.view().stations.map(station => station.since)
  await applied(yard, moved)
  await yard.world.runFor(MINUTE)
  t.equal(yard.view().csms.url, other.url)
  t.equal(yard.view().csms.openLinks, 3, 'all of them are there')
  t.same(
    yard.view().stations.map(station => station.since),
    since,
    'no station has noticed',
  )
  t.same(sessions().slice(0, 2), running)

  yard.unconfigured.add('CP-2')
  await applied(yard, moved)
  await yard.world.runFor(2 * SECOND)
  t.same(
    yard.view().stations.map(({ id }) => id),
    ['CP-1', 'CP-3'],
  )
  t.match(
    yard.view().retiredStations,
    [{ id: 'CP-2', circuitIds: ['main'] }],
    'what it may draw stays booked',
  )
  t.ok((yard.view().retiredStations[0]?.bookedA[0] ?? 0) >= 6)
  await yard.world.runFor(2 * MINUTE)
  t.ok(Math.max(...yard.actualA('main')) <= 58.8 - 20)
  yard.unconfigured.delete('CP-2')
  await applied(yard, document => ({ ...withFuse(100)(document), csms: { url: other.url } }))
  await yard.world.runFor(5 * MINUTE)
  t.same(yard.view().retiredStations, [], 'it is back, and was read back')
  t.ok(Math.max(...yard.actualA('main')) <= 78)
  t.ok(yard.offersA().reduce((sum, offerA) => sum + offerA, 0) > 60, `more for all: ${yard.offersA()}`)

  const withMaximum = (document: Document) => ({
    ...withFuse(100)(document),
    csms: { url: other.url },
    stations: document.stations.map(station =>
      station.id === 'CP-1'
        ? { ...station, connectors: station.connectors.map(one => ({ ...one, maxCurrentA: 16 })) }
        : station,
    ),
  })
  const beforeA = yard.pilotA('CP-1')
  t.ok(beforeA > 16)
  await applied(yard, withMaximum)
  t.ok(yard.connectorView('CP-1').bookedA >= beforeA, 'its lower maximum is no proof of what it draws')
  await yard.world.runFor(30 * SECOND)
  t.ok(yard.pilotA('CP-1') <= 16)
  t.ok(yard.connectorView('CP-1').bookedA <= 16, 'seen to draw less')
  t.equal(yard.connectorView('CP-1').maxCurrentA, 16)
  await yard.world.until(other.stop())
  await yard.close()
})

t.test(
  'a fail-safe is raised when every lower one was acknowledged, and a lower maximum is proven',
  async t => {
    const yard = new Yard({
      circuits: [{ id: 'main', ratedCurrentA: 40, worstCaseOtherLoadA: 20 }],
      stations: [
        { id: 'CP-1', circuit: 'main', failSafeCurrentA: 10 },
        { id: 'CP-2', circuit: 'main', failSafeCurrentA: 6 },
      ],
    })
    await yard.open()
    yard.plugIn('CP-2')
    await yard.world.runFor(2 * MINUTE)
    await yard.world.until(yard.station('CP-1').stop())
    await yard.world.runFor(5 * SECOND)
    const fromMs = yard.nowMs
    const floors = (id: string) =>
      yard
        .writesSince(fromMs)
        .filter(({ stationId, payload }) => stationId === id && payload.csChargingProfiles.stackLevel === 0)
        .filter(({ payload }) => payload.csChargingProfiles.chargingProfilePurpose === 'TxDefaultProfile')
        .map(({ atMs, payload }) => ({
          atMs,
          limitA: payload.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit,
        }))
    const change = (document: Document): Document => ({
      ...document,
      stations: document.stations.map(station => ({
        ...station,
        connectors: station.connectors.map(connector => ({
          ...connector,
          failSafeCurrentA: station.id === 'CP-1' ? 6 : 10,
          maxCurrentA: station.id === 'CP-1' ? 32 : 10,
        })),
      })),
    })
    await applied(yard, change)
    await yard.world.runFor(3 * MINUTE)
    t.same(floors('CP-2'), [], 'CP-1 has not lowered its own: 10 + 10 + 20 A would not fit 39 A')
    t.ok(yard.pilotA('CP-2') <= 10, 'the lower maximum is obeyed')
    t.ok(yard.connectorView('CP-2').bookedA <= 10)
    yard.addStation({ id: 'CP-1', circuit: 'main', failSafeCurrentA: 6 })
    await yard.world.runFor(3 * MINUTE)
    const [lowered] = floors('CP-1')
    const [raised] = floors('CP-2')
    t.equal(lowered?.limitA, 6)
    t.equal(raised?.limitA, 10)
    t.ok((raised?.atMs ?? 0) > (lowered?.atMs ?? 0), 'lower, acknowledged, raise')
    t.same(
      yard.view().stations.map(({ connectors: [one] }) => one?.installedFailSafeA),
      [6, 10],
    )
    t.ok(yard.overMs('main') === 0)
    await yard.close()
  },
)

t.test('a session whose end nobody tells is closed as such when its connector is free again', async t => {
  const yard = yardOfTwo()
  await yard.open()
  yard.plugIn('CP-1')
  await yard.world.runFor(5 * MINUTE)
  yard.kill()
  // its Stop goes elsewhere
  yard.station('CP-1').connectors[0]?.unplug()
  await yard.world.until(yard.station('CP-1').stop())
  await yard.startGateway()
  await yard.world.runFor(MINUTE)
  t.notOk('endedAt' in (await yard.get('sessions')).body.sessions[0], 'nobody knows yet')
  yard.addStation({ id: 'CP-1', circuit: 'main' })
  await yard.world.runFor(MINUTE)
  yard.sendAs('CP-1', 'StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' })
  yard.plugIn('CP-1')
  await yard.world.runFor(3 * MINUTE)
  const { sessions } = (await yard.get('sessions')).body
  t.equal(sessions[0].endedBy, 'unknown')
  t.equal(sessions.length, 2)
  t.notOk('endedAt' in sessions[1])
  await yard.close()
})

t.test(
  'who is not there at the start is one line with counts, and named after a minute; nothing is over that was not told',
  async t => {
    const yard = yardOfTwo()
    await yard.world.until(yard.csms.start())
    await yard.startGateway()
    await yard.world.runFor(3 * SECOND)
    const told = () => yard.world.log().events('alarm: station-gone').length
    const over = () => yard.world.log().events('alarm over: station-gone').length
    t.equal(told(), 0)
    t.equal(yard.view().alarms.filter(({ code }) => code === 'station-gone').length, 2, 'alarms at once')
    t.match(yard.world.log().events('not there yet at the start'), [{ fields: { 'station-gone': 2 } }])
    yard.addStation({ id: 'CP-1', circuit: 'main' })
    await yard.world.runFor(20 * SECOND)
    t.same([told(), over()], [0, 0], 'it came: nothing to tell')
    await yard.world.until(yard.station('CP-1').stop())
    await yard.world.runFor(2 * SECOND)
    t.equal(told(), 1, 'it was there and is gone: told at once')
    await yard.world.runFor(MINUTE)
    t.same([told(), over()], [2, 0], 'the other never came')
    t.equal(yard.world.log().events('not there yet at the start').length, 1)
    await yard.close()
  },
)

t.test('/readyz waits until meters answer, not for stations that are away', async t => {
  const yard = yardOfTwo()
  await yard.world.until(yard.csms.start())
  await yard.startGateway()
  const ready = async () => {
    const answer = await yard.ask('/readyz')
    const { status, reasons } = (await answer.json()) as { status: string; reasons: { code: string }[] }
    return [answer.status, status, ...reasons.map(({ code }) => code)]
  }
  t.same(await ready(), [503, 'waiting', 'meters-missing'])
  await yard.world.runFor(10 * SECOND)
  t.same(await ready(), [200, 'ready'], 'both stations are away')
  for (const planned of yard.options.stations) yard.addStation(planned)
  await yard.world.runFor(MINUTE)
  t.same(await ready(), [200, 'ready'])
  await yard.close()
})

t.test(
  'a control loop that stands still for 5 s makes /healthz answer 503, and 200 when it runs',
  async t => {
    const yard = yardOfTwo()
    const { ports } = yard.world
    let stands = false
    const held: Clock = {
      ...clockOf(ports.clock),
      every: (periodMs, run) => ports.clock.every(periodMs, () => (stands ? undefined : run())),
    }
    await yard.world.until(yard.csms.start())
    await yard.startGateway({ ...ports, clock: held })
    await yard.world.runFor(MINUTE)
    t.equal((await yard.ask('/healthz')).status, 200)
    stands = true
    await yard.world.runFor(4 * SECOND)
    t.equal((await yard.ask('/healthz')).status, 200)
    await yard.world.runFor(2 * SECOND)
    const answer = await yard.ask('/healthz')
    t.equal(answer.status, 503)
    t.match(await answer.json(), { status: 'failing', reasons: [{ code: 'control-stalled' }] })
    stands = false
    await yard.world.runFor(SECOND)
    t.equal((await yard.ask('/healthz')).status, 200)
    await yard.close()
  },
)

function clockOf(clock: Clock): Clock {
  return {
    wallMs: () => clock.wallMs(),
    monoMs: () => clock.monoMs(),
    after: (delayMs, run) => clock.after(delayMs, run),
    every: (periodMs, run) => clock.every(periodMs, run),
    eachMinute: run => clock.eachMinute(run),
  }
}
