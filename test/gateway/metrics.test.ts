import { readFileSync } from 'node:fs'
import t from 'tap'
import { createProcessMetrics } from '../../src/adapters/process-metrics.js'
import { ALARM_CODES } from '../../src/core/view/alarms.js'
import { healthReasons } from '../../src/gateway/health.js'
import { watchJournal } from '../../src/gateway/journal-watch.js'
import { createMetrics } from '../../src/gateway/metrics.js'
import { startSetupMode } from '../../src/gateway/setup-mode.js'
import { Times } from '../../src/gateway/times.js'
import type { Http, HttpHandler } from '../../src/ports.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { depotView } from '../web/fixtures/depot.js'

const START_S = 1_800_000_000

/** What promtool would say of Prometheus text: a reader of our own, by the exposition format 0.0.4. */
function expositionFaults(text: string): readonly string[] {
  const faults: string[] = text.endsWith('\n') ? [] : ['no newline at the end']
  const types = new Map<string, string>()
  const helps = new Set<string>()
  const seen = new Set<string>()
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') helps.add(name)
    else if (kind === 'TYPE') {
      if (types.has(name)) faults.push(`${name} has two TYPEs`)
      if (!helps.has(name)) faults.push(`${name} has no HELP`)
      if (rest === 'counter' && !name.endsWith('_total')) faults.push(`${name}: a counter without _total`)
      types.set(name, rest)
    } else if (line !== '') {
      const [, sample = '', labels = '', value = ''] =
        /^([a-z_]\w*)(\{(?:\w+="(?:[^"\\\n]|\\.)*",?)*\})? (\S+)$/.exec(line) ?? []
      const base = sample.replace(/_(?:bucket|sum|count)$/, '')
      if (sample === '') faults.push(`no sample: ${line}`)
      else if (!types.has(sample) && !/^(histogram|summary)$/.test(types.get(base) ?? ''))
        faults.push(`${sample} has no TYPE`)
      // node itself knows no event-loop lag before the first turn
      const isNaNOfNode = /^nan$/i.test(value) && sample.startsWith('nodejs_')
      if (sample !== '' && !isNaNOfNode && !Number.isFinite(Number(value))) faults.push(`no number: ${line}`)
      if (seen.has(sample + labels)) faults.push(`${sample}${labels} stands twice`)
      seen.add(sample + labels)
    }
  }
  return faults
}

t.test('metrics', async t => {
  const switches = { csmsOff: true, meterOff: true, brokerOff: true }
  const modbus = { polls: 7 }
  const times = new Times()
  times.ofDecision(7)
  times.ofCommit(30)
  const refusals = new Map([['wrong-password', 4]])
  const metrics = createMetrics({
    view: () => depotView(START_S + 100, { stations: 12, startS: START_S, switches }),
    ocpp: () => undefined,
    modbus: () => modbus,
    securityEvents: () => new Map([['LoginFailed', 3]]),
    meters: () =>
      new Map([
        [
          'main',
          {
            requests: 900,
            timeouts: 3,
            exceptions: { 2: 5 },
            crcErrors: 1,
            staleReplies: 2,
            failures: 4,
            latencyMs: { mean: 12, max: 250 },
          },
        ],
      ]),
    refusals: () => refusals,
    storage: () => ({ failedWrites: 2, slowWrites: 0 }),
    backlog: () => [
      {
        stationId: 'CP-01',
        isConfigured: true,
        waiting: 5,
        bytes: 700,
        oldestWallMs: 1_000,
        deadLetters: 1,
        openTransactions: 1,
        mappedTransactions: 1,
        isExhausted: false,
        isSure: true,
        energy: { offlineWh: 900, acceptedWh: 400 },
      },
    ],
    mirrors: () => [
      {
        id: 'fleet',
        url: 'ws://fleet/ocpp',
        waiting: 3,
        waitingChars: 900,
        links: [],
        totals: {
          sent: 9,
          answered: 7,
          refused: 1,
          unanswered: 1,
          dropped: 2,
          ordersRefused: 4,
          badFrames: 0,
        },
      },
    ],
    nowWallMs: () => 61_000,
    times: times.all,
    process: createProcessMetrics('1.2.3'),
  })

  t.test('say why a link is down, by station and reason', async t => {
    const text = await metrics()
    t.match(text, 'busbar_csms_link_down{station="CP-01",reason="tcp"} 1')
    t.notMatch(text, 'busbar_csms_link_down{station="CP-11"', 'a station that is gone wants no link')
    t.match(text, 'busbar_mqtt_down{reason="refused"} 1')
    t.match(text, 'busbar_meter_fault{meter="main",fault="timeout"} 1')
  })

  t.test('each meter has its requests, time-outs, exceptions by code and times', async t => {
    const text = await metrics()
    for (const line of [
      'busbar_meter_total{meter="main",kind="requests"} 900',
      'busbar_meter_total{meter="main",kind="crcErrors"} 1',
      'busbar_meter_total{meter="main",kind="exception 2"} 5',
      'busbar_meter_latency_seconds{meter="main",kind="max"} 0.25',
    ])
      t.match(text, line)
  })

  t.test('what waits for the CSMS can be reconciled by station', async t => {
    const text = await metrics()
    for (const line of [
      'busbar_station_waiting_messages{station="CP-01"} 5',
      'busbar_station_waiting_age_seconds{station="CP-01"} 60',
      'busbar_station_dead_letters{station="CP-01"} 1',
      'busbar_station_offline_energy_watthours{station="CP-01"} 900',
      'busbar_station_accepted_energy_watthours{station="CP-01"} 400',
      'busbar_storage_total{kind="failedWrites"} 2',
      'busbar_mirror_total{mirror="fleet",kind="ordersRefused"} 4',
    ])
      t.match(text, line)
  })

  t.test('counters are counters and follow the totals of the edges', async t => {
    const before = await metrics()
    t.match(before, '# TYPE busbar_modbus_total counter')
    t.match(before, 'busbar_modbus_total{kind="polls"} 7')
    t.match(before, 'busbar_refused_connections_total{reason="wrong-password"} 4')
    t.match(before, 'busbar_security_events_total{type="LoginFailed"} 3')
    modbus.polls = 9
    t.match(await metrics(), 'busbar_modbus_total{kind="polls"} 9')
  })

  t.test('the whole text is what Prometheus reads without a complaint', async t => {
    t.same(expositionFaults(await metrics()), [])
    for (const [text, fault] of [
      ['a 1\n', /no TYPE/],
      ['# HELP a x.\n# TYPE a counter\na 1\n', /_total/],
      ['# HELP a x.\n# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n', /twice/],
      ['# HELP a x.\n# TYPE a gauge\na{b="1} 1\n', /no sample/],
      ['# HELP a x.\n# TYPE a gauge\na NaN\n', /no number/],
    ] as const)
      t.match(expositionFaults(text).join(), fault, 'the reader sees faults')
  })

  t.test('connectors and circuits have amps, watts and lifetime registers; times are histograms', async t => {
    const text = await metrics()
    t.match(text, /busbar_connector_measured_amperes\{station="CP-01",connector="1",phase="L1"\} \d/)
    t.match(text, '# TYPE busbar_connector_energy_watthours_total counter')
    t.match(text, 'busbar_decision_seconds_bucket{le="0.01"} 1')
    t.match(text, 'busbar_journal_commit_seconds_count 1')
  })

  t.test('every metric the Grafana board and the alert rules name is told', async t => {
    const text = await metrics()
    const told = new Set(Array.from(text.matchAll(/^([a-z_]\w*)(?:\{| )/gm), ([, name]) => name))
    const declared = new Set(Array.from(text.matchAll(/^# TYPE (\w+) /gm), ([, name]) => name))
    const board = readFileSync('docs/grafana/busbar.json', 'utf8')
    const { panels } = JSON.parse(board) as { panels: { targets: { expr: string }[] }[] }
    const rules = readFileSync('docs/grafana/alerts.yaml', 'utf8')
    const asked = [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), rules, board]
    const names = new Set(asked.flatMap(expr => expr.match(/\b(?:busbar|nodejs|process)_\w+/g) ?? []))
    t.ok(names.size > 15, `${names.size} names`)
    for (const name of names) t.ok(told.has(name) || declared.has(name), name)
    t.equal((rules.match(/- alert:/g) ?? []).length, (rules.match(/ expr:/g) ?? []).length)
  })

  t.test('every known alarm is there at zero', async t => {
    const text = await metrics()
    for (const code of ALARM_CODES) t.match(text, `busbar_alarms{code="${code}"}`)
    t.match(text, 'busbar_alarms{code="journal-gap"} 0')
  })

  t.test('the process tells its memory, event-loop lag and build, each name once', async t => {
    const text = await metrics()
    t.match(text, `busbar_build_info{version="1.2.3",node="${process.version}"} 1`)
    t.match(text, 'nodejs_eventloop_lag_p99_seconds')
    t.match(text, 'process_resident_memory_bytes')
    const names = text.split('\n').filter(line => line.startsWith('# TYPE'))
    t.equal(new Set(names).size, names.length)
  })
})

t.test('health', async t => {
  t.test(
    'set-up mode is not healthy, is reached by the name of the machine, and its time goes on',
    async t => {
      let page: HttpHandler | undefined
      const world = createWorld({ seed: 1 })
      const { ports } = world
      const passwordHash = await world.until(ports.secrets.hash('copper'))
      const http: Http = {
        listen: async (_options, fetch) => {
          page = fetch
          return { port: 8080, stop: async () => undefined }
        },
      }
      await startSetupMode(
        { ...ports, http },
        {
          users: { find: async name => ({ name, passwordHash, role: 'admin' }) },
          configPath: 'busbar.json',
          faults: [],
          web: { host: '0.0.0.0', port: 8080, hostNames: [], mdns: true },
          ownNames: [],
          hostname: 'cabinet-7',
          processMetrics: async () => '',
          devices: new Map(),
          serial: { list: () => [], realPath: path => path },
        },
      )
      const answer = await page?.(new Request('http://cabinet-7.local:8080/healthz'), { remote: '10.0.0.5' })
      t.equal(answer?.status, 503)
      t.match(await answer?.json(), { status: 'failing', reasons: [{ code: 'not-set-up' }] })
      const headers = { authorization: `Basic ${btoa('admin:copper')}` }
      const asked = new Request('http://cabinet-7.local:8080/api/v1/live', { headers })
      const feed = await world.until(Promise.resolve(page?.(asked, { remote: '127.0.0.1' })))
      const reader = feed?.body?.getReader()
      const next = async () => new TextDecoder().decode((await reader?.read())?.value)
      t.match(await next(), /^event: site/)
      await world.runFor(16_000)
      t.match(await next(), /^event: patch\ndata: \{"at":/)
      await reader?.cancel()
    },
  )

  t.test('a control loop that has not decided for 5 s and a dead journal are reasons', async t => {
    t.same(healthReasons({ idleMs: 5_000, journalFault: undefined }), [])
    t.match(healthReasons({ idleMs: 5_001, journalFault: '/data: no space' }), [
      { code: 'control-stalled', text: /5 s/ },
      { code: 'journal-failed', text: 'The journal cannot be written.' },
    ])
  })

  t.test(
    'a failed write of anyone is a fault for a minute, told once in the log; a slow one too',
    async t => {
      const world = createWorld({ seed: 1 })
      const { ports } = world
      const lines: string[] = []
      const watch = watchJournal({ ...ports, log: { write: (_level, event) => void lines.push(event) } })
      await world.until(watch.journal.commit([], true))
      t.equal(watch.fault(), undefined)
      world.disk().fault = 'full'
      for (let time = 0; time < 2; time++)
        await t.rejects(world.until(watch.journal.commit([], true)), { message: /ENOSPC/ })
      t.match(watch.fault(), /ENOSPC/)
      t.match(watch.failingNow(), /ENOSPC/)
      world.disk().fault = 'none'
      await world.until(watch.journal.commit([], true))
      t.match(watch.fault(), /ENOSPC/, 'nobody misses it between two looks')
      t.equal(watch.failingNow(), undefined)
      await world.runFor(61_000)
      t.equal(watch.fault(), undefined)
      world.disk().fault = 'error'
      await t.rejects(world.until(watch.files.save('state', {})), { message: /EIO/ })
      t.match(watch.fault(), /^state: .*EIO/)
      t.equal(watch.counters.failedWrites, 3)
      t.same(lines, ['durable write failed', 'durable write failed'])
      world.disk().fault = 'none'
      world.disk().fsyncMs = 8_000
      const slow = watch.journal.commit([], true)
      await world.runFor(6_000)
      t.equal(Math.round(watch.slowMs() ?? 0), 6_000, 'while it lasts')
      await world.until(slow)
      t.ok((watch.slowMs() ?? 0) >= 8_000)
    },
  )
})
