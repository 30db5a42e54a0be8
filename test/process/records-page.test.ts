/**
 * The records of the page in a real browser before the real process: the operator's tags, what waits for the CSMS, files. What
 * each role is offered, and that each of them reads well. Needs Chromium; says "skipped" without it.
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { stumbles } from '../web/fixtures/axe.js'
import { chromiumPath, launch, logIn } from '../web/fixtures/browser.js'
import { englishOn } from '../web/fixtures/english.js'
import { start } from './fixtures/process.js'
import { GOOD } from './fixtures/site.js'

const SIZE = { width: 1366, height: 900 }
const HOST = '127.0.0.1'
const PASSWORD = 'copper-bar-42'
const TABS = ['sessions', 'ready', 'energy', 'alarms', 'orders', 'waiting', 'tags', 'files']
/** What a model is called. */
const NAMES = /WEMOB Station/g

const folder = mkdtempSync(join(tmpdir(), 'busbar-records-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

async function records(page: Page, tab: string): Promise<void> {
  if ((await page.getByTestId('records').count()) === 0) await page.getByTestId('records-button').click()
  await page.locator(`[data-tab=${tab}]`).click()
}

/** A station that takes whatever it is told, and says what it is asked to. */
async function connected(url: string) {
  const socket = new WebSocket(url, 'ocpp1.6')
  const told: { readonly action: string; readonly payload: Readonly<Record<string, unknown>> }[] = []
  const waiting = new Map<string, (answer: { readonly transactionId?: number }) => void>()
  socket.on('error', () => undefined)
  socket.on('message', data => {
    const [kind, id, answer, payload] = JSON.parse(String(data))
    if (kind !== 2) return waiting.get(id)?.(answer)
    told.push({ action: answer, payload })
    const file = answer === 'GetDiagnostics' ? { fileName: 'log.zip' } : { status: 'Accepted' }
    socket.send(JSON.stringify([3, id, file]))
  })
  await once(socket, 'open')
  const call = (action: string, payload: object): Promise<{ readonly transactionId?: number }> => {
    const answered = new Promise<{ readonly transactionId?: number }>(done => waiting.set(action, done))
    socket.send(JSON.stringify([2, action, action, payload]))
    return answered
  }
  await call('BootNotification', { chargePointVendor: 'WEG', chargePointModel: 'WEMOB' })
  return { call, told, terminate: () => socket.terminate() }
}

/** It accepts who boots, until it leaves. */
async function startCsms() {
  const server = new WebSocketServer({ host: HOST, port: 0, handleProtocols: () => 'ocpp1.6' })
  await once(server, 'listening')
  server.on('connection', link =>
    link.on('message', data => {
      const [kind, id] = JSON.parse(String(data))
      const boot = { status: 'Accepted', currentTime: new Date().toISOString(), interval: 300 }
      if (kind === 2) link.send(JSON.stringify([3, id, boot]))
    }),
  )
  const address = server.address()
  return {
    url: `ws://${HOST}:${typeof address === 'object' ? address?.port : 0}/ocpp`,
    leave: () => {
      const isGone = new Promise(done => server.close(done))
      for (const link of server.clients) link.terminate()
      return isGone
    },
  }
}

async function addUser(page: Page, name: string): Promise<void> {
  const isMade = await page.evaluate(
    async ([name, password]) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ role: name, password })
      return (await fetch(`api/v1/users/${name}`, { method: 'PUT', headers, body })).ok
    },
    [name, PASSWORD],
  )
  t.ok(isMade)
}

async function logInAs(browser: Browser, url: string, name: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: SIZE })).newPage()
  await page.goto(url)
  await page.fill('input[name=name]', name)
  await page.fill('input[name=password]', PASSWORD)
  await page.click('button[type=submit]')
  await page.locator(`:root[data-role=${name}]`).waitFor()
  return page
}

t.test(
  'the records of the page',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 240_000 },
  async t => {
    const path = join(folder, 'busbar.json')
    const csms = await startCsms()
    const offline = { AllowOfflineTxForUnknownId: true, csmsTimeoutMs: 1_000 }
    writeFileSync(path, JSON.stringify({ ...GOOD, csms: { url: csms.url }, offline }))
    const run = start(['run', '--config', path, '--data', join(folder, 'data')], {
      BUSBAR_ADMIN_PASSWORD: 'demo',
    })
    t.teardown(() => run.child.kill('SIGKILL'))
    const { webPort, ocppPort } = JSON.parse(await run.line('busbar runs')) as Record<string, number>
    const ocpp = `ws://${HOST}:${ocppPort}/ocpp`
    const url = `http://${HOST}:${webPort}`
    const browser = await launch()
    t.teardown(() => browser.close())
    const { page, faults } = await logIn(browser, url, SIZE)
    for (const role of ['viewer', 'operator']) await addUser(page, role)
    const operator = await logInAs(browser, url, 'operator')
    operator.on('pageerror', error => faults.push(error.message))
    operator.on('dialog', dialog => dialog.accept())

    await t.test('an operator adds, changes, blocks and deletes tags; a CSV goes out and in', async t => {
      await records(operator, 'tags')
      const view = operator.getByTestId('tags')
      await view.getByText('No tag is on the list yet.').waitFor()
      const form = view.getByTestId('tag-form')
      const said = view.getByTestId('tags-said')
      await form.locator('[name=idTag]').fill('FLEET-07')
      await form.locator('[name=expiry]').fill('2031-12-31T23:59:00')
      await form.locator('[name=parent]').fill('FLEET')
      await form.locator('[name=note]').fill('van 7')
      await form.getByRole('button', { name: 'Add', exact: true }).click()
      const row = view.locator('[data-tag=FLEET-07]')
      await row.getByText('may charge').waitFor()
      t.match(await row.innerText(), /31\/12\/2031, 23:59:00\s+FLEET\s+van 7/)
      await form.locator('[name=idTag]').fill('fleet-07')
      await form.getByRole('button', { name: 'Add', exact: true }).click()
      await said.getByText(/is on the list already/).waitFor()
      t.same(await stumbles(operator, 'main'), [], 'no serious finding of axe, light or dark')
      await row.getByRole('button', { name: 'Change FLEET-07' }).click()
      t.ok(await form.locator('[name=idTag]').evaluate(field => field.hasAttribute('readonly')))
      await form.locator('[name=note]').fill('van 8')
      await form.getByRole('button', { name: 'Keep the change' }).click()
      await row.getByText('van 8').waitFor()
      await row.getByRole('button', { name: 'Block FLEET-07' }).click()
      await row.getByText('blocked', { exact: true }).waitFor()

      const list = () =>
        operator.evaluate<readonly object[]>(
          "fetch('api/v1/tags').then(answer => answer.json()).then(({ tags }) => tags)",
        )
      t.match(await list(), [{ idTag: 'FLEET-07', status: 'Blocked', parentIdTag: 'FLEET', note: 'van 8' }])
      const coming = operator.waitForEvent('download')
      await view.getByRole('link', { name: 'Save as CSV' }).click()
      const csv = readFileSync(await (await coming).path(), 'utf8')
      await view.getByTestId('tags-file').setInputFiles({
        ...{ name: 'tags.csv', mimeType: 'text/csv' },
        buffer: Buffer.from(`${csv}VISITOR,Accepted,2020-01-01T00:00:00Z,,\r\n`),
      })
      await said.getByText('The list is replaced: 2 tags.').waitFor()
      await view
        .locator('[data-tag=VISITOR]')
        .getByText(/^over since/)
        .waitFor()
      await view.getByTestId('tags-file').setInputFiles({
        ...{ name: 'colours.csv', mimeType: 'text/csv' },
        buffer: Buffer.from('idTag,colour\r\nA,red\r\n'),
      })
      await said.getByText(/^Not taken: does not fit: found line 1/).waitFor()
      await view.getByTestId('tags-find').fill('visit')
      t.equal(await view.getByTestId('tag').count(), 1)
      await view.getByRole('button', { name: 'Delete VISITOR' }).click()
      t.equal((await list()).length, 2, 'once is a question')
      await view.getByRole('button', { name: 'Yes, delete VISITOR' }).click()
      await view.getByText('None that fits.').waitFor()
      t.equal((await list()).length, 1)
    })

    await t.test('who changes the list after somebody else did is told, and nothing is lost', async t => {
      await records(page, 'tags')
      await page.locator('[data-tag=FLEET-07]').waitFor()
      await operator.getByTestId('tags-find').fill('')
      await operator.getByTestId('tag-form').locator('[name=idTag]').fill('B2')
      await operator.getByTestId('tag-form').getByRole('button', { name: 'Add', exact: true }).click()
      await operator.locator('[data-tag=B2]').waitFor()
      await page.getByRole('button', { name: 'Allow FLEET-07' }).click()
      await page
        .getByTestId('tags-said')
        .getByText(/^Somebody else changed the list/)
        .waitFor()
      await page.locator('[data-tag=B2]').waitFor()
      await page.getByRole('button', { name: 'Allow FLEET-07' }).click()
      await page.locator('[data-tag=FLEET-07]').getByText('may charge').waitFor()
      t.equal(await page.getByTestId('tag').count(), 2)
    })

    await t.test('what waits for the CSMS is told with its age and its energy', async t => {
      const station = await connected(`${ocpp}/CP-1`)
      t.teardown(() => station.terminate())
      await csms.leave()
      const [begun, ended] = [3_600_000, 0].map(agoMs => new Date(Date.now() - agoMs).toISOString())
      const start = { connectorId: 1, idTag: 'FLEET-07', meterStart: 1000, timestamp: begun }
      const { transactionId } = await station.call('StartTransaction', start)
      await station.call('StopTransaction', { transactionId, meterStop: 8500, timestamp: ended })
      const away = operator.locator('[data-testid=alarm][data-code=csms-away]')
      await away.getByTestId('try-now').click()
      await away.getByText('Tried; once more').waitFor()
      t.same(await stumbles(operator, '.alarms'), [], 'no serious finding of axe, light or dark')
      await records(operator, 'waiting')
      const row = operator.locator('[data-testid=backlog][data-station=CP-1]')
      await row.getByText(/^\d messages/).waitFor()
      t.match(
        await row.innerText(),
        /CP-1\s+2 messages \d+ B\s+\d+(\.\d)? s\s+–\s+0\s+7\.5 kWh\s+0\.0 kWh\s+7\.5 kWh/,
      )
      await operator.getByTestId('waiting').getByText('Missing: 7.5 kWh').waitFor()
      const coming = operator.waitForEvent('download')
      await operator.getByTestId('waiting').getByRole('link', { name: 'CSV' }).click()
      t.match(readFileSync(await (await coming).path(), 'utf8'), /^CP-1,yes,2,/m)
      t.same(await stumbles(operator, 'main'), [], 'no serious finding of axe, light or dark')
    })

    await t.test('who reads German finds no English on any page, the CSMS away', async t => {
      // the CSMS is missed while a station is there to speak with it
      const station = await connected(`${ocpp}/CP-1`)
      t.teardown(() => station.terminate())
      const { page: german } = await logIn(browser, url, SIZE)
      t.teardown(() => german.close())
      // what is kept with the user has come
      await german.locator(':root[data-role=admin]').waitFor()
      const away = german.locator('[data-testid=alarm][data-code=csms-away]')
      await away.waitFor()
      t.ok((await englishOn(german, NAMES)).length > 1, 'what is English is found')
      await german.getByTestId('language').selectOption('de')
      await german.locator(':root[lang=de]').waitFor()
      const reads = async (name: string): Promise<void> => {
        t.same(await englishOn(german, NAMES), [], name)
      }
      await away.getByText('nicht erreicht').waitFor()
      await german.locator('[data-testid=station-row] button.link').click()
      await german.getByTestId('commands').locator('summary').click()
      await german.getByTestId('more').locator('summary').click()
      await german.getByTestId('station-more').waitFor()
      await reads('the site and a station')
      for (const tab of TABS) {
        await records(german, tab)
        await german.locator('[data-testid=records] > :not(.panel-head)').first().waitFor()
        await reads(tab)
      }
      await german.getByTestId('configure').click()
      await german.getByTestId('config-view').waitFor()
      await reads('the configuration')
      await german.getByTestId('account').click()
      await german.getByText('Wer was geändert hat').waitFor()
      await reads('users')
    })

    await t.test(
      'what the CSMS refused is sent again, or given up after a question, by whom it may',
      async t => {
        const letter = (seq: number, action: string, reason: string) => ({
          ...{ stationId: 'CP-1', seq, action, transactionId: 7, reason, payload: `{"no":${seq}}` },
          receivedAt: '2026-11-26T10:00:00.000Z',
        })
        const letters = [
          letter(1, 'StartTransaction', 'FormationViolation: <b>bad</b>'),
          letter(2, 'StopTransaction', 'its StartTransaction was refused'),
          { ...letter(3, 'SecurityEventNotification', 'never answered'), transactionId: undefined },
        ]
        for (const one of [page, operator]) {
          const decided: string[] = []
          let isThere = true
          await one.route('**/api/v1/dead-letters', route => route.fulfill({ json: isThere ? letters : [] }))
          await one.route('**/api/v1/dead-letters/*', route => {
            decided.push(`${route.request().url().split('/').at(-1)} ${route.request().postData()}`)
            isThere = !route.request().url().endsWith('give-up')
            return route.fulfill({ json: { messages: 2 } })
          })
          await records(one, 'sessions')
          await records(one, 'waiting')
          const view = one.getByTestId('letters')
          const first = view.getByTestId('letter').first()
          await first.getByText('The CSMS refused it: “FormationViolation: <b>bad</b>”').waitFor()
          t.match(await view.getByTestId('letter').nth(1).innerText(), /Its StartTransaction was refused/)
          t.match(await view.getByTestId('letter').last().innerText(), /The CSMS never answered it/)
          await first.getByText('Content').click()
          await first.getByText('{"no":1}').waitFor()
          t.same(await stumbles(one, 'main'), [], 'no serious finding of axe, light or dark')
          await first.getByRole('button', { name: 'Send again' }).click()
          await one.getByTestId('waiting-said').getByText('2 messages in the queue again.').waitFor()
          await first.getByRole('button', { name: 'Send without its start' }).click()
          const giveUp = first.getByRole('button', { name: 'Give up' })
          const isAdmin = one === page
          await giveUp.waitFor({ state: isAdmin ? 'visible' : 'hidden' })
          if (isAdmin) {
            await giveUp.click()
            t.equal(decided.length, 2, 'once is a question')
            await first.getByRole('button', { name: 'Yes, the CSMS will never have it' }).click()
            await one.getByTestId('waiting-said').getByText('2 messages given up.').waitFor()
            await view.waitFor({ state: 'detached' })
          }
          t.same(decided, [
            'resend {"stationId":"CP-1","seq":1}',
            'resend {"stationId":"CP-1","seq":1,"withoutStart":true}',
            ...(isAdmin ? ['give-up {"stationId":"CP-1","seq":1,"giveUp":true}'] : []),
          ])
          await one.unrouteAll()
        }
      },
    )

    await t.test('firmware is kept for stations, and a station is asked for its diagnostics', async t => {
      const station = await connected(`${ocpp}/CP-1`)
      t.teardown(() => station.terminate())
      await records(page, 'files')
      const view = page.getByTestId('files')
      await view.getByText('No station has sent anything.').waitFor()
      const image = { mimeType: 'application/octet-stream', buffer: Buffer.from('image of WEMOB') }
      await view.getByTestId('firmware-file').setInputFiles({ name: 'wemob 2.1.bin', ...image })
      const firmware = view.locator('[data-file="wemob_2.1.bin"]')
      await firmware.getByText(`${url}/files/firmware/wemob_2.1.bin`).waitFor()
      await view.getByRole('button', { name: 'Ask for diagnostics' }).click()
      await view.getByText('CP-1 will send log.zip: it is listed here when it has come.').waitFor()
      const location = String(
        station.told.find(({ action }) => action === 'GetDiagnostics')?.payload.location,
      )
      t.ok((await fetch(location, { method: 'PUT', body: 'a log of CP-1' })).ok)
      await records(page, 'tags')
      await records(page, 'files')
      const upload = view.locator('[data-file^=CP-1-]')
      const coming = page.waitForEvent('download')
      await upload.getByRole('link').click()
      t.equal(readFileSync(await (await coming).path(), 'utf8'), 'a log of CP-1')
      t.same(await stumbles(page, 'main'), [], 'no serious finding of axe, light or dark')
      await records(operator, 'files')
      await operator.getByTestId('file').first().waitFor()
      t.equal(await operator.getByRole('button', { name: 'Delete' }).first().isVisible(), false)
      await firmware.getByRole('button', { name: 'Delete' }).click()
      await firmware.getByRole('button', { name: 'Delete it, really?' }).click()
      await view.getByText('No firmware is kept here.').waitFor()
    })

    await t.test('a viewer is offered neither tags nor a way to change anything', async t => {
      const viewer = await logInAs(browser, url, 'viewer')
      await records(viewer, 'sessions')
      t.equal(await viewer.locator('[data-tab=sessions]').isVisible(), true)
      t.equal(await viewer.locator('[data-tab=tags]').isVisible(), false)
      const asked = (method: string) =>
        viewer.evaluate(async method => {
          const headers = { 'content-type': 'application/json' }
          const body = method === 'PUT' ? { body: '{"tags":[]}' } : {}
          return (await fetch('api/v1/tags', { method, headers, ...body })).status
        }, method)
      t.same([await asked('GET'), await asked('PUT')], [403, 403])
    })

    t.strictSame(faults, [], 'no script error')
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
  },
)

t.test(
  'a configuration that does not hold brings the page up with its faults alone, and it reads well',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 120_000 },
  async t => {
    const path = join(folder, 'faulty.json')
    const [main] = GOOD.circuits
    writeFileSync(path, JSON.stringify({ ...GOOD, circuits: [{ ...main, ratedCurrentA: 46 }] }))
    const run = start(['run', '--config', path, '--data', join(folder, 'faulty'), '--web-port', '0'], {
      BUSBAR_ADMIN_PASSWORD: 'demo',
    })
    t.teardown(() => run.child.kill('SIGKILL'))
    const { webPort } = JSON.parse(await run.line('set-up mode')) as { webPort: number }
    const browser = await launch()
    t.teardown(() => browser.close())
    for (const width of [1366, 390]) {
      const page = await browser.newPage({ viewport: { width, height: 800 } })
      const faults: string[] = []
      page.on('pageerror', error => faults.push(error.message))
      await page.goto(`http://${HOST}:${webPort}`)
      await page.fill('input[name=name]', 'admin')
      await page.fill('input[name=password]', 'demo')
      await page.click('button[type=submit]')
      await page
        .getByText(/fail-safes 6 A \+ worst other load 40 A = 46 A/)
        .first()
        .waitFor()
      t.equal(await page.getByTestId('diagram').count(), 0, 'nothing is drawn that is not controlled')
      // It opens at the first part that has a fault, and marks each that has one.
      await page.locator('[data-part=circuits][aria-current=true]').filter({ hasText: /\d/ }).waitFor()
      await page.locator('.field.faulty, .faulty').first().waitFor()
      t.same(await stumbles(page), [], `no serious finding of axe at ${width} px, light or dark`)
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
      t.ok(wide <= width, `nothing beside the screen: ${wide} px`)
      t.strictSame(faults, [], 'no script error')
      await page.close()
    }
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
  },
)
