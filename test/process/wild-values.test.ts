/**
 * Values that cannot be, at a real socket of the whole program, as a property: a unit that is missing, a register that jumps or
 * goes back, amps no connector has. They are unknown: never shown, never reckoned with, and told (issue 10, A17; control rule 16).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { freePort } from '../mqtt/fixtures/site.js'
import { BOOT, connectStation } from '../ocpp/both-sides.js'
import { start } from './fixtures/process.js'
import { GOOD } from './fixtures/site.js'

t.setTimeout(120_000)

/** The connector is for 32 A: above twice that no reading is believed. */
const MOST_A = 64
const MOST_W = 3 * MOST_A * 260
/** Of a session of seconds, with what its first register says. */
const MOST_WH = 2_000
const PASSWORD = 'secret-1'

/** What a station may say of one measurand, and by how many powers of ten it is off. */
const wild = fc.record({
  value: fc.oneof(
    fc.double({ min: 50, max: 1e12, noNaN: true }).map(String),
    fc.double({ min: -1e9, max: -1, noNaN: true }).map(String),
    fc.constantFrom('11000', '1e9', '4294967295', '2147483647', 'NaN', 'Infinity', '', '0x2AF8', '1,5'),
  ),
  measurand: fc.constantFrom(
    undefined,
    'Energy.Active.Import.Register',
    'Current.Import',
    'Power.Active.Import',
    'Voltage',
  ),
  unit: fc.constantFrom(undefined, 'Wh', 'kWh', 'W', 'kW', 'A', 'V', 'mA', 'nonsense'),
  phase: fc.constantFrom(undefined, 'L1', 'L2', 'L3', 'L1-N', 'N'),
})
type Wild = typeof wild extends fc.Arbitrary<infer One> ? One : never

/** Surely more than a connector of 32 A draws, however its unit is meant. */
function cannotBe({ measurand, unit, value }: Wild): boolean {
  const number = Number(value)
  if (measurand === 'Current.Import') return number > (unit === 'mA' ? 1e6 : 1_000)
  return measurand === 'Power.Active.Import' && number > 1e6
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of the API
type Status = any

function faultsOf({ circuits, stations }: Status): readonly string[] {
  const [connector] = stations[0].connectors
  const amps: readonly number[] = [
    ...(connector.measuredA ?? []),
    ...(circuits[0].measuredA ?? []),
    connector.bookedA,
    connector.allocationA ?? 0,
  ]
  const found: string[] = []
  if (!amps.every(oneA => oneA >= 0 && oneA <= MOST_A)) found.push(`${amps} A`)
  for (const powerW of [connector.powerW ?? 0, circuits[0].powerW ?? 0])
    if (!(Math.abs(powerW) <= MOST_W)) found.push(`${powerW} W`)
  const energyWh = connector.transaction?.energyWh ?? 0
  if (!(energyWh >= 0 && energyWh <= MOST_WH)) found.push(`${energyWh} Wh`)
  return found
}

t.test('a value that cannot be is shown nowhere and counted nowhere, and is told', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'busbar-wild-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const config = join(folder, 'busbar.json')
  const port = await freePort()
  writeFileSync(config, JSON.stringify({ ...GOOD, ocpp: { host: '127.0.0.1', port } }))
  const run = start(['run', '--config', config, '--data', join(folder, 'data')], {
    BUSBAR_ADMIN_PASSWORD: PASSWORD,
  })
  t.teardown(() => run.child.kill('SIGKILL'))
  const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
  const ask = async (path: string): Promise<string> => {
    const headers = { authorization: `Basic ${btoa(`admin:${PASSWORD}`)}` }
    return (await fetch(`http://127.0.0.1:${webPort}${path}`, { headers })).text()
  }
  const status = async (): Promise<Status> => JSON.parse(await ask('/api/v1/status'))

  const station = await connectStation(port, 'CP-1')
  station.onCall = () => '{"status":"Accepted"}'
  await station.call('BootNotification', BOOT)
  const say = (action: string, payload: object) => station.call(action, JSON.stringify(payload))
  const now = () => new Date().toISOString()
  const state = { connectorId: 1, errorCode: 'NoError' }
  await say('StatusNotification', { ...state, status: 'Charging' })
  const begun = await say('StartTransaction', {
    ...{ connectorId: 1, idTag: 'TAG1', meterStart: 5_000_000, timestamp: now() },
  })
  const transactionId = Number(/"transactionId":(\d+)/.exec(begun)?.[1])
  const tell = (sampledValue: readonly object[]) =>
    say('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: now(), sampledValue }] })
  const sane = [
    { value: '5000010' },
    ...['L1', 'L2', 'L3'].map(phase => ({ value: '6', measurand: 'Current.Import', unit: 'A', phase })),
  ]
  await tell(sane)
  t.same(faultsOf(await status()), [])
  const before = await status()
  t.same(faultsOf(before), [])
  t.match(before.stations[0].connectors[0], { measuredA: [6, 6, 6], transaction: { energyWh: 10 } })

  await fc.assert(
    fc.asyncProperty(fc.array(wild, { minLength: 1, maxLength: 6 }), async values => {
      const answer = await tell(values)
      if (answer !== '{}') throw new Error(`answered ${answer}`)
      // the next message of a station is taken after this one has been reckoned with
      await say('Heartbeat', {})
      const found = faultsOf(await status())
      if (found.length > 0) throw new Error(`${found} after ${JSON.stringify(values)}`)
      if (!values.some(cannotBe)) return
      const metrics = await ask('/metrics')
      for (const [line, number] of metrics.matchAll(
        /^busbar_(?:connector|circuit)_\w*(?:amperes|watts)\{.*\} (\S+)$/gm,
      ))
        if (Math.abs(Number(number)) > MOST_W) throw new Error(line)
    }),
    { seed: 1_717, numRuns: 150 },
  )
  await tell([{ value: '99999999' }])
  await say('Heartbeat', {})
  const [connector] = (await status()).stations[0].connectors
  t.match(connector.transaction.energyDoubt, /jumped|went back/, 'it is told')
  t.same(faultsOf(await status()), [])
})
