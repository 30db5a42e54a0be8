/**
 * A day of the site on the page, in a real browser before the real process: two stations, a CSMS that limits and ends a session.
 * What is looked up later, and the page of one station. Needs Chromium; says "skipped" without it.
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { openJournal } from '../../src/adapters/journal.js'
import { openStationStore } from '../../src/store/station-store.js'
import { stumbles } from '../web/fixtures/axe.js'
import { chromiumPath, launch, logIn } from '../web/fixtures/browser.js'
import { englishOn } from '../web/fixtures/english.js'
import { start } from './fixtures/process.js'
import { GOOD } from './fixtures/site.js'

const SIZE = { width: 1366, height: 900 }
const HOST = '127.0.0.1'
const MINUTE = 60_000
const TAG = 'FLEET-0007'
const LETTER = '{"type":"SettingSystemTime","timestamp":"2026-11-26T10:00:00.000Z"}'

const folder = mkdtempSync(join(tmpdir(), 'busbar-day-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

interface Told {
  readonly action: string
  readonly payload: Readonly<Record<string, unknown>>
}

type Answer = (action: string, payload: Told['payload']) => object

/** One end of OCPP-J: asks by `call`, answers by `answer`; `told` is what it was asked. */
function end(socket: WebSocket, answer: Answer) {
  const told: Told[] = []
  const awaited = new Map<string, () => void>()
  const waiting = new Map<string, (answer: Record<string, unknown>) => void>()
  let number = 0
  socket.on('error', () => undefined)
  socket.on('message', data => {
    const [kind, id, action, payload] = JSON.parse(String(data))
    if (kind !== 2) return waiting.get(id)?.(action)
    told.push({ action, payload })
    socket.send(JSON.stringify([3, id, answer(action, payload)]))
    awaited.get(action)?.()
  })
  const call = (action: string, payload: object): Promise<Record<string, unknown>> => {
    const id = `${action} ${number++}`
    const answered = new Promise<Record<string, unknown>>(done => waiting.set(id, done))
    socket.send(JSON.stringify([2, id, action, payload]))
    return answered
  }
  const asked = async (action: string): Promise<Told | undefined> => {
    const found = () => told.findLast(one => one.action === action)
    if (found() === undefined) await new Promise<void>(done => awaited.set(action, done))
    return found()
  }
  return { call, told, asked, terminate: () => socket.terminate() }
}

interface Profile {
  readonly chargingProfilePurpose: string
  readonly chargingSchedule: { readonly chargingSchedulePeriod: readonly { readonly limit: number }[] }
}

const KEYS = [
  { key: 'HeartbeatInterval', readonly: false, value: '77' },
  { key: 'NumberOfConnectors', readonly: true, value: '1' },
]

/** Its car takes what the last profile of its session allows now. */
async function connected(url: string) {
  const socket = new WebSocket(url, 'ocpp1.6')
  let drawsA = 6
  const station = end(socket, (action, payload) => {
    const profile = payload.csChargingProfiles as Profile | undefined
    if (profile?.chargingProfilePurpose === 'TxProfile')
      drawsA = profile.chargingSchedule.chargingSchedulePeriod[0]?.limit ?? 0
    return action === 'GetConfiguration' ? { configurationKey: KEYS } : { status: 'Accepted' }
  })
  await once(socket, 'open')
  await station.call('BootNotification', { chargePointVendor: 'WEG', chargePointModel: 'WEMOB' })
  await station.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })
  const sampled = () => [
    ...['L1', 'L2', 'L3'].map(phase => ({
      ...{ value: String(drawsA), measurand: 'Current.Import', unit: 'A', phase },
    })),
    { value: '7000', measurand: 'Energy.Active.Import.Register', unit: 'Wh', location: 'Outlet' },
  ]
  return { ...station, sampled }
}

/** Accepts everything; `of` is its end of a station's link. */
async function startCsms() {
  const server = new WebSocketServer({ host: HOST, port: 0, handleProtocols: () => 'ocpp1.6' })
  await once(server, 'listening')
  const links = new Map<string, ReturnType<typeof end>>()
  const ok = { idTagInfo: { status: 'Accepted' } }
  const answers: Record<string, () => object> = {
    BootNotification: () => ({
      ...{ status: 'Accepted', currentTime: new Date().toISOString(), interval: 300 },
    }),
    Heartbeat: () => ({ currentTime: new Date().toISOString() }),
    StartTransaction: () => ({ ...ok, transactionId: 4711 }),
    StopTransaction: () => ok,
    Authorize: () => ok,
  }
  server.on('connection', (socket, request) =>
    links.set(
      request.url?.split('/').at(-1) ?? '',
      end(socket, action => answers[action]?.() ?? {}),
    ),
  )
  const address = server.address()
  return {
    url: `ws://${HOST}:${typeof address === 'object' ? address?.port : 0}/ocpp`,
    of: (id: string) => {
      const link = links.get(id)
      if (link === undefined) throw new Error(`${id} is not linked`)
      return link
    },
    stop: () => {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}

/** As a Busbar leaves it to which the CSMS refused a message five times. */
async function writeLetter(dataDir: string): Promise<void> {
  const log = { write: () => undefined }
  const journal = await openJournal({ dataDir, log })
  const letter = {
    ...{ stationId: 'CP-1', seq: 1, action: 'SecurityEventNotification', payloadText: LETTER },
    ...{ receivedWallMs: Date.now() - 60 * MINUTE, reason: 'FormationViolation: no such type' },
  }
  await openStationStore(journal, log).commit([{ kind: 'dead-letter', letter }], true)
  await journal.stop()
}

async function downloaded(page: Page, link: Locator): Promise<string> {
  const coming = page.waitForEvent('download')
  await link.click()
  return readFileSync(await (await coming).path(), 'utf8')
}

t.test(
  'a day on the page',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 200_000 },
  async t => {
    const csms = await startCsms()
    t.teardown(() => csms.stop())
    const [first] = GOOD.stations
    const stations = [
      { ...first, name: 'Van gate', bay: 'hall 2, bay 14' },
      { ...first, id: 'CP-2' },
    ]
    const circuits = [{ id: 'main', ratedCurrentA: 70, worstCaseOtherLoadA: 40 }]
    const path = join(folder, 'busbar.json')
    const dataDir = join(folder, 'data')
    writeFileSync(path, JSON.stringify({ ...GOOD, circuits, stations, csms: { url: csms.url } }))
    await writeLetter(dataDir)
    const run = start(['run', '--config', path, '--data', dataDir], { BUSBAR_ADMIN_PASSWORD: 'demo' })
    t.teardown(() => run.child.kill('SIGKILL'))
    const { webPort, ocppPort } = JSON.parse(await run.line('busbar runs')) as Record<string, number>
    const url = `http://${HOST}:${webPort}`
    const [station, other] = await Promise.all(
      ['CP-1', 'CP-2'].map(id => connected(`ws://${HOST}:${ocppPort}/ocpp/${id}`)),
    )
    if (station === undefined || other === undefined) throw new Error('no stations')
    t.teardown(() => station.terminate())
    const browser = await launch()
    t.teardown(() => browser.close())
    const { page, faults } = await logIn(browser, url, SIZE)
    await page.locator(':root[data-role=admin]').waitFor()

    const startedAt = new Date(Date.now() - 30 * MINUTE).toISOString()
    const { transactionId } = await station.call('StartTransaction', {
      ...{ connectorId: 1, idTag: TAG, meterStart: 1_000, timestamp: startedAt },
    })
    await station.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' })
    const sample = () =>
      station.call('MeterValues', {
        ...{ connectorId: 1, transactionId },
        meterValue: [{ timestamp: new Date().toISOString(), sampledValue: station.sampled() }],
      })
    await sample()
    const sampling = setInterval(sample, 5_000)
    t.teardown(() => clearInterval(sampling))
    const details = page.getByTestId('station-details')
    const records = page.getByTestId('records')
    const openStation = async (): Promise<void> => {
      const row = page.locator('[data-testid=station-row] button.link').first()
      await row.waitFor()
      if ((await details.count()) === 0) await row.click()
      if ((await details.getByTestId('station-more').count()) === 0)
        await details.getByTestId('more').locator('summary').click()
      await details.getByTestId('station-more').waitFor()
    }
    const tab = async (name: string): Promise<void> => {
      if ((await records.count()) === 0) await page.getByTestId('records-button').click()
      await page.locator(`[data-tab=${name}]`).click()
    }

    await t.test(
      'of a station: name and bay, what is to hold over 24 h as steps with their amps',
      async t => {
        const row = page.getByTestId('station-row').first()
        t.match(await row.innerText(), 'Van gate, hall 2, bay 14, main')
        const nextH = new Date(Date.now() + 60 * MINUTE).toISOString()
        const set = await csms.of('CP-1').call('SetChargingProfile', {
          connectorId: 1,
          csChargingProfiles: {
            ...{ chargingProfileId: 1, stackLevel: 1, chargingProfilePurpose: 'TxProfile' },
            ...{ chargingProfileKind: 'Absolute', transactionId: 4711 },
            chargingSchedule: {
              ...{ startSchedule: startedAt, chargingRateUnit: 'A' },
              chargingSchedulePeriod: [
                { startPeriod: 0, limit: 14 },
                { startPeriod: Math.round((Date.parse(nextH) - Date.parse(startedAt)) / 1000), limit: 20 },
              ],
            },
          },
        })
        t.same(set, { status: 'Accepted' })
        await row.getByText('CSMS allows 14 A').waitFor({ timeout: 60_000 })
        await openStation()
        const legend = details.locator('.curve-legend')
        t.match(await legend.innerText(), /CSMS allows: 14 A → \d\d:\d\d:\d\d 20 A/)
        t.match(await legend.innerText(), /falls to by itself: \d+ A → \d\d:\d\d:\d\d 6 A/)
        t.match(await legend.innerText(), /holds: \d+ A/)
        const amps = await details.locator('.curve-amps').allInnerTexts()
        t.same(amps, ['0', '10', '20 A'], 'the steps have a scale')
        t.equal(await details.locator('.curve-times span').count(), 5)
        const notes = await details.locator('.station-notes').innerText()
        t.match(notes, /\d+ profile writes? in 24 h; 0 refused in a row; answers within/)
        t.same(await stumbles(page, '.stations-panel'), [], 'no serious finding of axe, light or dark')
      },
    )

    await t.test('its messages are found, read with tags only by who asks, and taken along', async t => {
      const messages = details.getByTestId('messages')
      const lines = messages.locator('li')
      await messages.getByRole('searchbox').fill('StartTransaction')
      await lines.filter({ hasText: 'MeterValues' }).first().waitFor({ state: 'detached' })
      t.equal(await lines.count(), 2, 'the question and its answer')
      t.match(await lines.last().innerText(), '"idTag":"…0007"')
      const link = messages.getByRole('link')
      const known = (text: string) =>
        text
          .trim()
          .split('\n')
          .map(line => JSON.parse(line))
      const masked = await downloaded(page, link)
      t.match(known(masked), [
        {
          at: String,
          direction: 'in',
          kind: 'CALL',
          action: 'StartTransaction',
          payload: { idTag: '…0007' },
        },
        { kind: 'CALLRESULT', action: 'StartTransaction', direction: 'out' },
      ])
      t.equal(known(masked).length, 2, 'what is filtered is what is taken')
      await messages.getByRole('checkbox').check()
      await messages.getByText(`"idTag":"${TAG}"`).waitFor()
      t.match(await downloaded(page, link), `"idTag":"${TAG}"`)
      await messages.getByRole('combobox').selectOption('out')
      await lines.filter({ hasText: TAG }).waitFor({ state: 'detached' })
      t.equal(await lines.count(), 1)
      await messages.getByRole('searchbox').fill('MeterValues')
      await messages.getByRole('combobox').selectOption('in')
      await messages.getByText('"location":"Outlet"').first().waitFor()
      t.pass('where a sample was taken is no address')
    })

    await t.test('a key of it is given to the others of its model, after a question', async t => {
      const configuration = details.getByTestId('configuration')
      await configuration.locator('summary').click()
      const key = configuration.locator('tr').filter({ hasText: 'HeartbeatInterval' })
      const answer = async (isYes: boolean): Promise<string> => {
        const asked = new Promise<string>(done =>
          page.once('dialog', dialog => {
            done(dialog.message())
            void (isYes ? dialog.accept() : dialog.dismiss())
          }),
        )
        await key.getByTestId('set-all').click()
        return await asked
      }
      const changes = () =>
        other.told.filter(
          ({ action, payload }) => action === 'ChangeConfiguration' && payload.key === 'HeartbeatInterval',
        )
      t.equal(await answer(false), 'Set HeartbeatInterval to "77" on 1 other station of this model?')
      t.same(changes(), [], 'a "no" changes nothing')
      await answer(true)
      await key.getByText('1 of 1 took it').waitFor()
      t.match(changes(), [{ payload: { key: 'HeartbeatInterval', value: '77' } }])
    })

    await t.test(
      'who is to be ready by when is listed with why it gets no more, in each language',
      async t => {
        await details.getByTestId('commands').locator('summary').click()
        const wish = details.getByTestId('session-wish')
        const at = new Date(Date.now() + 120 * MINUTE - new Date().getTimezoneOffset() * MINUTE)
        await wish.locator('[name=departure]').fill(at.toISOString().slice(0, 16))
        await wish.locator('[name=energy]').fill('900')
        await wish.getByRole('button').click()
        await wish.getByText(/^Set; /).waitFor()
        await tab('ready')
        const row = page.getByTestId('ready')
        t.match(await row.innerText(), /CP-1 \/1\s+6\.0 kWh\s+900\.0 kWh\s+\d+\.\d kW\s+late/)
        t.match(await row.innerText(), 'CSMS allows 14 A.')
        t.match(await downloaded(page, records.getByRole('link', { name: 'CSV' })), /CP-1,.*CSMS allows 14 A/)
        await page.getByTestId('language').selectOption('de')
        await row.getByText('CSMS erlaubt').waitFor()
        await page.getByText('The CSMS would not take 1 message').waitFor({ state: 'detached' })
        t.same(await englishOn(page, /WEMOB|Van gate, hall 2, bay 14/g), [])
        await page.getByTestId('language').selectOption('en')
        await page.locator(':root[lang=en]').waitFor()
      },
    )

    await t.test(
      'a session is told whole: tag masked, offers, what held it back, who stopped it',
      async t => {
        const stop = csms.of('CP-1').call('RemoteStopTransaction', { transactionId: 4711 })
        t.same(await stop, { status: 'Accepted' })
        clearInterval(sampling)
        await station.call('StopTransaction', {
          ...{ transactionId, idTag: TAG, meterStop: 7_500, reason: 'Remote' },
          timestamp: new Date().toISOString(),
        })
        await station.call('StatusNotification', {
          connectorId: 1,
          errorCode: 'NoError',
          status: 'Available',
        })
        await tab('sessions')
        const row = page.getByTestId('session')
        await row.getByText('by the CSMS').waitFor()
        t.match(
          await row.innerText(),
          /CP-1 \/1 …0007\s+\w+ \d+ \w+ \d\d:\d\d\s+\w+ \d+ \w+ \d\d:\d\d by the CSMS\s+6\.5 kWh\s+[\d.]+ A, [\d.]+ A\s+\w/,
        )
        const csv = await downloaded(page, records.getByRole('link', { name: 'CSV' }))
        t.match(csv, /^CP-1,.*6500/m)
        t.notMatch(csv, TAG, 'no whole tag')
        await tab('energy')
        const day = page.getByTestId('energy-day').first()
        await day.locator('summary').click()
        t.match(await day.innerText(), /main\s+6\.5 kWh[\s\S]*CP-1\s+6\.5 kWh/)
        t.match(await downloaded(page, records.getByRole('link', { name: 'CSV' })), /CP-1,6500/)
      },
    )

    await t.test('an alarm has its begin, its end, and who took note of it', async t => {
      other.terminate()
      await page.getByTestId('records-button').click()
      const alarm = page.locator('[data-testid=alarm][data-code=station-gone]')
      await alarm.getByRole('button', { name: 'Take note' }).click()
      await alarm.getByText('Noted by admin').waitFor()
      const again = await connected(`ws://${HOST}:${ocppPort}/ocpp/CP-2`)
      t.teardown(() => again.terminate())
      await alarm.waitFor({ state: 'detached' })
      await tab('alarms')
      const row = page.getByTestId('past-alarm').filter({ hasText: 'CP-2 is not connected' }).first()
      await row.getByText(/^admin, /).waitFor()
      await row.getByText('holds').waitFor({ state: 'detached' })
      t.match(await row.innerText(), /\d\d:\d\d\s+\w+ \d+ \w+ \d\d:\d\d\s+admin, \w+ \d+ \w+ \d\d:\d\d/)
      t.match(await downloaded(page, records.getByRole('link', { name: 'CSV' })), /station-gone,CP-2,.*admin/)
    })

    await t.test(
      'what the CSMS refused before the start is there, and reaches it when sent again',
      async t => {
        await tab('waiting')
        const letter = page.getByTestId('letter')
        await letter.getByText('The CSMS refused it: “FormationViolation: no such type”').waitFor()
        t.match(
          await downloaded(page, page.getByTestId('letters').getByRole('link')),
          /CP-1,.*SecurityEventNotification/,
        )
        await letter.getByRole('button', { name: 'Send again' }).click()
        await page.getByTestId('waiting-said').getByText('1 message in the queue again.').waitFor()
        await page.getByText('Nothing waits for the CSMS, and it refused nothing.').waitFor()
        t.same((await csms.of('CP-1').asked('SecurityEventNotification'))?.payload, JSON.parse(LETTER))
      },
    )

    await t.test('on a phone nothing stands beside the screen', async t => {
      await page.setViewportSize({ width: 390, height: 844 })
      const fits = async (name: string): Promise<void> => {
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
        t.ok(wide <= 390, `${name}: ${wide} px`)
      }
      for (const name of ['sessions', 'energy', 'alarms', 'waiting']) {
        await tab(name)
        await records.locator(':scope > :not(.panel-head)').first().waitFor()
        await fits(name)
      }
      await page.getByTestId('records-button').click()
      await openStation()
      await fits('the station')
    })

    t.strictSame(faults, [], 'no script error')
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
  },
)
