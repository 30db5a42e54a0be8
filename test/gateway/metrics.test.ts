import t from 'tap'
import { createProcessMetrics } from '../../src/adapters/process-metrics.js'
import { ALARM_CODES } from '../../src/core/view/alarms.js'
import { healthReasons } from '../../src/gateway/health.js'
import { watchJournal } from '../../src/gateway/journal-watch.js'
import { createMetrics } from '../../src/gateway/metrics.js'
import { startSetupMode } from '../../src/gateway/setup-mode.js'
import type { Http, HttpHandler } from '../../src/ports.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { depotView } from '../web/fixtures/depot.js'

const START_S = 1_800_000_000

t.test('metrics', async t => {
  const switches = { csmsOff: true, meterOff: true, brokerOff: true }
  const modbus = { polls: 7 }
  const refusals = new Map([['wrong-password', 4]])
  const metrics = createMetrics({
    view: () => depotView(START_S + 100, { stations: 12, startS: START_S, switches }),
    ocpp: () => undefined,
    modbus: () => modbus,
    refusals: () => refusals,
    process: createProcessMetrics('1.2.3'),
  })

  t.test('say why a link is down, by station and reason', async t => {
    const text = await metrics()
    t.match(text, 'busbar_csms_link_down{station="CP-01",reason="tcp"} 1')
    t.notMatch(text, 'busbar_csms_link_down{station="CP-11"', 'a station that is gone wants no link')
    t.match(text, 'busbar_mqtt_down{reason="refused"} 1')
    t.match(text, 'busbar_meter_fault{meter="main",fault="timeout"} 1')
  })

  t.test('counters are counters and follow the totals of the edges', async t => {
    const before = await metrics()
    t.match(before, '# TYPE busbar_modbus_total counter')
    t.match(before, 'busbar_modbus_total{kind="polls"} 7')
    t.match(before, 'busbar_refused_connections_total{reason="wrong-password"} 4')
    modbus.polls = 9
    t.match(await metrics(), 'busbar_modbus_total{kind="polls"} 9')
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
  t.test('set-up mode is not healthy, and is reached by the name of the machine', async t => {
    let page: HttpHandler | undefined
    const { ports } = createWorld({ seed: 1 })
    const http: Http = {
      listen: async (_options, fetch) => {
        page = fetch
        return { port: 8080, stop: async () => undefined }
      },
    }
    await startSetupMode(
      { ...ports, http },
      {
        users: { find: async () => undefined },
        configPath: 'busbar.json',
        faults: [],
        web: { host: '0.0.0.0', port: 8080 },
        hostname: 'cabinet-7',
        processMetrics: async () => '',
      },
    )
    const answer = await page?.(new Request('http://cabinet-7.local:8080/healthz'), { remote: '10.0.0.5' })
    t.equal(answer?.status, 503)
    t.match(await answer?.json(), { status: 'failing', reasons: [{ code: 'not-set-up' }] })
  })

  t.test('a control loop that has not decided for 5 s and a dead journal are reasons', async t => {
    t.same(healthReasons({ idleMs: 5_000, journalFault: undefined }), [])
    t.match(healthReasons({ idleMs: 5_001, journalFault: '/data: no space' }), [
      { code: 'control-stalled', text: /5 s/ },
      { code: 'journal-failed', text: 'The journal cannot be written.' },
    ])
  })

  t.test('the journal is faulty from a failed write to the next good one, told once in the log', async t => {
    let isBroken = false
    const lines: string[] = []
    const watch = watchJournal(
      {
        commit: () => (isBroken ? Promise.reject(new Error('ENOSPC')) : Promise.resolve()),
        scan: () => Promise.resolve([]),
        sizeBytes: () => Promise.resolve(0),
      },
      { write: (_level, event) => void lines.push(event) },
    )
    await watch.journal.commit([], true)
    t.equal(watch.fault(), undefined)
    isBroken = true
    await t.rejects(watch.journal.commit([], true), { message: 'ENOSPC' })
    await t.rejects(watch.journal.commit([], true), { message: 'ENOSPC' })
    t.equal(watch.fault(), 'ENOSPC')
    t.same(lines, ['journal not writable'])
    isBroken = false
    await watch.journal.commit([], true)
    t.equal(watch.fault(), undefined)
  })
})
