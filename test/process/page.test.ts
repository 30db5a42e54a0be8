/**
 * What an operator does on the page, in a real browser before the real process: isolate a station whose supply is cut,
 * see who was not let in, try the CSMS now. Needs Chromium; says "skipped" without it.
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import decodeQR from 'qr/decode.js'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { certificates } from '../adapters/fixtures/pki.js'
import { stumbles } from '../web/fixtures/axe.js'
import { chromiumPath, launch, logIn } from '../web/fixtures/browser.js'
import { type Run, start } from './fixtures/process.js'
import { GOOD } from './fixtures/site.js'

const SIZE = { width: 1366, height: 900 }
const HOST = '127.0.0.1'

const folder = mkdtempSync(join(tmpdir(), 'busbar-page-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function runBusbar(csmsPort: number): Promise<Run & { readonly url: string; readonly ocpp: string }> {
  const path = join(folder, 'busbar.json')
  writeFileSync(
    path,
    JSON.stringify({
      ...GOOD,
      ocpp: { ...GOOD.ocpp, tls: { stationCertificates: 'site' } },
      csms: { url: `ws://${HOST}:${csmsPort}/ocpp` },
    }),
  )
  const run = start(['run', '--config', path, '--data', join(folder, 'data')], {
    BUSBAR_ADMIN_PASSWORD: 'demo',
  })
  const { webPort, ocppPort } = JSON.parse(await run.line('busbar runs')) as Record<string, number>
  return { ...run, url: `http://${HOST}:${webPort}`, ocpp: `ws://${HOST}:${ocppPort}/ocpp` }
}

/** With the arrow keys; before the first points have come there is no moment to go to. */
async function pickMoment(page: Page): Promise<void> {
  const close = page.getByRole('button', { name: 'Close what was decided' })
  for (let presses = 0; presses < 100 && !(await close.isVisible()); presses++) {
    await page.getByTestId('plot').press('ArrowLeft')
    await page.waitForTimeout(200)
  }
  await page.getByTestId('moment').waitFor()
}

const pickStation = (page: Page): Promise<void> =>
  page.locator('[data-testid=station-row] button.link').click()

/** What a phone reads there: the code as it is drawn, 4 pixels for each module. */
async function decoded(page: Page, code: string): Promise<string> {
  const svg = page.getByTestId(code)
  const size = Number((await svg.getAttribute('viewBox'))?.split(' ').at(-1))
  const path = (await svg.locator('path').getAttribute('d')) ?? ''
  const scale = 4
  const side = size * scale
  const data = new Uint8Array(side * side * 4).fill(255)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dy = 0; dy < scale; dy++)
      for (let dx = 0; dx < scale; dx++)
        data.fill(
          0,
          ((Number(y) * scale + dy) * side + Number(x) * scale + dx) * 4,
          ((Number(y) * scale + dy) * side + Number(x) * scale + dx) * 4 + 3,
        )
  return decodeQR({ width: side, height: side, data })
}

t.test(
  'the buttons of the page',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 240_000 },
  async t => {
    const csmsPort = await freePort()
    let busbar = await runBusbar(csmsPort)
    t.teardown(() => busbar.child.kill('SIGKILL'))
    const browser = await launch()
    t.teardown(() => browser.close())

    await t.test('isolate a station after a question, and the next start knows it', async t => {
      const first = await logIn(browser, busbar.url, SIZE)
      await pickStation(first.page)
      const button = first.page.getByTestId('isolate')
      const asked: string[] = []
      first.page.once('dialog', dialog => {
        asked.push(dialog.message())
        dialog.dismiss()
      })
      await button.click()
      t.match(asked[0], 'Is the supply of CP-1 really cut')
      t.match(await button.innerText(), 'isolate', 'a "no" changes nothing')
      first.page.once('dialog', dialog => dialog.accept())
      await button.click()
      await button.filter({ hasText: 'Its supply is back' }).waitFor()
      t.strictSame(first.faults, [], 'no script error')
      await first.page.close()
      busbar.child.kill('SIGTERM')
      t.equal(await busbar.ended, 0)
      busbar = await runBusbar(csmsPort)
      const second = await logIn(browser, busbar.url, SIZE)
      await pickStation(second.page)
      await second.page.getByTestId('isolate').filter({ hasText: 'Its supply is back' }).click()
      await second.page.getByTestId('isolate').filter({ hasText: 'Its supply is cut' }).waitFor()
      t.pass('and it can be taken back')
      await second.page.close()
    })

    await t.test('show who was not let in, and try the CSMS now', async t => {
      const stranger = new WebSocket(`${busbar.ocpp}/STRANGER`, 'ocpp1.6')
      await once(stranger, 'error')
      const station = new WebSocket(`${busbar.ocpp}/CP-1`, 'ocpp1.6')
      await once(station, 'open')
      t.teardown(() => station.terminate())
      const { page, faults } = await logIn(browser, busbar.url, SIZE)
      const refused = page.getByTestId('refused-station')
      t.match(
        await refused.innerText(),
        /STRANGER\s+from 127\.0\.0\.1, 1 time, .*\s+not in the configuration/,
      )
      await pickStation(page)
      const tryNow = page.getByTestId('try-csms')
      await tryNow.waitFor()
      const csms = new WebSocketServer({ host: HOST, port: csmsPort, handleProtocols: () => 'ocpp1.6' })
      t.teardown(() => csms.close())
      const dialled = once(csms, 'connection')
      await tryNow.click()
      const [link] = (await dialled) as [WebSocket]
      t.teardown(() => link.terminate())
      await tryNow.waitFor({ state: 'detached' })
      t.strictSame(faults, [], 'no script error')
      await page.close()
    })

    await t.test(
      'give a station another password, revoke its certificate, and give the root away',
      async t => {
        const { page, faults } = await logIn(browser, busbar.url, SIZE)
        const put = await page.evaluate(async secret => {
          const headers = { 'content-type': 'application/json' }
          const body = JSON.stringify({ secret })
          return (await fetch('api/v1/secrets/stations/CP-1', { method: 'PUT', headers, body })).ok
        }, 'sixteen octets..')
        t.ok(put)
        const station = new WebSocket(`${busbar.ocpp}/CP-1`, 'ocpp1.6', { auth: 'CP-1:sixteen octets..' })
        t.teardown(() => station.terminate())
        const told: string[] = []
        let signed: () => void = () => {}
        const isSigned = new Promise<void>(resolve => (signed = resolve))
        station.on('message', data => {
          const [kind, id, action, payload] = JSON.parse(String(data))
          if (kind !== 2) return
          if (payload.key === 'AuthorizationKey') told.push(payload.value)
          const status = action === 'GetConfiguration' ? {} : { status: 'Accepted' }
          station.send(JSON.stringify([3, id, status]))
          if (action === 'CertificateSigned') signed()
        })
        await once(station, 'open')
        const csr = await certificates.makeRequest({
          keyPem: await certificates.makeKey('ecdsa'),
          name: { commonName: 'CP-1' },
        })
        station.send(JSON.stringify([2, 's', 'SignCertificate', { csr }]))
        await isSigned
        await page.getByTestId('account').click()
        const panel = page.getByTestId('certificates')
        const row = panel.locator('[data-station=CP-1]')
        t.match(await row.innerText(), /CP-1\s+. \/ 0\s+\d{4}-\d\d-\d\d, 7\d\d days left/)
        const download = page.waitForEvent('download')
        await page.getByTestId('root-download').click()
        t.equal((await download).suggestedFilename(), 'busbar-root.pem')
        const scripts: string[] = []
        page.on('request', request => scripts.push(request.url()))
        await panel.getByTestId('root-codes').locator('summary').click()
        await panel.getByTestId('root-code-pem').waitFor()
        t.ok(
          scripts.some(url => url.endsWith('.js')),
          'what draws them comes now',
        )
        const pem = await page.evaluate(async () => (await fetch('api/v1/certificates/root.pem')).text())
        t.equal(await decoded(page, 'root-code-pem'), pem)
        t.equal(await decoded(page, 'root-code-address'), `${busbar.url}/api/v1/certificates/root.pem`)
        const said = page.getByTestId('certificates-said')
        await row.getByRole('button', { name: 'New password' }).click()
        t.strictSame(told, [], 'once is a question')
        await row.getByRole('button', { name: 'Have it take a new password?' }).click()
        await said.filter({ hasText: 'CP-1 took a new password' }).waitFor()
        t.match(told, [/^[0-9a-f]{40}$/])
        await row.getByRole('button', { name: 'Revoke' }).click()
        await row.getByRole('button', { name: 'Revoke: it is out at once?' }).click()
        await row.getByText('revoked', { exact: true }).waitFor()
        t.strictSame(faults, [], 'no script error')
        await page.close()
      },
    )

    await t.test('what a station says is text on the page, and one line in the log (ST13)', async t => {
      const { page, faults } = await logIn(browser, busbar.url, SIZE)
      page.on('dialog', dialog => {
        faults.push(`dialog: ${dialog.message()}`)
        dialog.dismiss().catch(() => undefined)
      })
      const csms = new WebSocketServer({ host: HOST, port: csmsPort, handleProtocols: () => 'ocpp1.6' })
      t.teardown(() => {
        for (const client of csms.clients) client.terminate()
        csms.close()
      })
      const currentTime = new Date().toISOString()
      csms.on('connection', link =>
        link.on('message', data => {
          const [kind, id, action] = JSON.parse(String(data))
          const boot = { status: 'Accepted', currentTime, interval: 300 }
          if (kind === 2) link.send(JSON.stringify([3, id, action === 'BootNotification' ? boot : {}]))
        }),
      )
      const isLinked = once(csms, 'connection')
      const station = new WebSocket(`${busbar.ocpp}/CP-1`, 'ocpp1.6', { auth: 'CP-1:sixteen octets..' })
      station.on('error', () => undefined)
      t.teardown(() => station.terminate())
      const vendor = '<img src=x onerror=alert(1)>'
      const boot = { chargePointVendor: vendor, chargePointModel: '=1+1\n{"event":"busbar runs"}' }
      await isLinked
      station.send(JSON.stringify([2, 'b', 'BootNotification', boot]))
      await pickStation(page)
      await page.getByText(vendor).first().waitFor()
      t.equal(await page.locator('img[src=x]').count(), 0)
      for (const line of busbar
        .output()
        .split('\n')
        .filter(line => line.includes('1+1')))
        t.doesNotThrow(() => JSON.parse(line), line)
      t.strictSame(faults, [], 'no script of it ran')
      await page.close()
    })

    await t.test('each page reads well, light and dark, and offers what the role may do', async t => {
      const { page, faults } = await logIn(browser, busbar.url, SIZE)
      const reads = async (name: string, part?: string): Promise<void> => {
        t.same(await stumbles(page, part), [], `${name} has no serious finding of axe, light or dark`)
      }
      await reads('the site')
      const station = await connected(`${busbar.ocpp}/CP-1`)
      t.teardown(() => station.terminate())
      await pickStation(page)
      const commands = page.getByTestId('commands')
      await commands.locator('summary').click()
      await commands.locator('[name=command]').selectOption('hard')
      await commands.getByRole('button', { name: 'Send', exact: true }).click()
      t.strictSame(station.told, [], 'what may end a session is asked twice')
      await commands.getByRole('button', { name: 'Send it, really?' }).click()
      await commands.getByText('It answers: accepted').waitFor()
      t.same(station.told, [{ type: 'Hard' }])
      await page.getByTestId('more').locator('summary').click()
      await page.getByTestId('station-more').waitFor()
      const course = page.getByTestId('station-plot')
      await course.getByRole('button', { name: 'Week' }).click()
      await course.getByRole('button', { name: '15 min' }).click()
      await course.getByRole('link', { name: 'CSV' }).waitFor()
      await page.waitForFunction(async () =>
        /"limitA":\[[\d.]/.test(await (await fetch('api/v1/stations/CP-1/history?seconds=60')).text()),
      )
      // all it can draw, or what it must fall to: its silence proves the fail-safe after 40 s
      await course.getByText(/^(32|6) A$/).waitFor()
      await page.getByTestId('station-plot-frame').focus()
      await page.keyboard.press('ArrowLeft')
      await course.getByTestId('moment').waitFor()
      await reads('a station', '.stations-panel')
      await course.getByRole('button', { name: 'Close what was decided' }).click()
      await pickMoment(page)
      await reads('a moment', '.plot-panel')
      await page.getByTestId('records-button').click()
      for (const tab of ['sessions', 'ready', 'energy', 'alarms', 'orders']) {
        await page.locator(`[data-tab=${tab}]`).click()
        await page.getByTestId('records').getByRole('link', { name: 'CSV' }).waitFor()
        await reads(tab, 'main')
      }
      await page.getByTestId('configure').click()
      for (const part of ['circuits', 'stations', 'json']) {
        await page.locator(`[data-part=${part}]`).click()
        await reads(part, 'main')
      }
      await page.getByTestId('account').click()
      await page.getByTestId('audit').waitFor()
      await reads('the account', 'main')
      for (const role of ['viewer', 'operator'])
        await page.evaluate(
          `fetch('api/v1/users/${role}', { method: 'PUT', headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ role: '${role}', password: 'copper-bar-42' }) })`,
        )
      for (const [role, isOffered] of [
        ['viewer', false],
        ['operator', true],
      ] as const) {
        await page.getByRole('button', { name: 'Log out' }).click()
        await page.getByTestId('login-form').waitFor()
        if (role === 'viewer') await reads('the login')
        await page.fill('input[name=name]', role)
        await page.fill('input[name=password]', 'copper-bar-42')
        await page.click('button[type=submit]')
        await page.locator(`:root[data-role=${role}]`).waitFor()
        // the panels have other names then
        await page.getByTestId('language').selectOption('de')
        await page.getByRole('heading', { name: 'Ladestationen', exact: true }).waitFor()
        await pickStation(page)
        await page.getByTestId('more').locator('summary').click()
        await page.getByTestId('station-more').waitFor()
        for (const offered of ['commands', 'give-limit', 'messages'])
          t.equal(await page.getByTestId(offered).isVisible(), isOffered, `${offered} to the ${role}`)
        await page.getByTestId('account').click()
        await page.getByTestId('own-password').waitFor()
        for (const ofAdmin of ['users', 'audit']) t.equal(await page.getByTestId(ofAdmin).count(), 0)
        await page.getByTestId('account').click()
        await page.getByTestId('language').selectOption('en')
      }
      t.strictSame(faults, [], 'no script error')
      await page.close()
    })

    await t.test(
      'give a limit in the language of the user: tried, refused in words, and over by itself',
      async t => {
        const { page, faults } = await logIn(browser, busbar.url, SIZE)
        const kept = () => page.waitForResponse(answer => answer.url().endsWith('/me/page') && answer.ok())
        const dark = kept()
        await page.getByRole('button', { name: /^Colours/ }).click()
        await dark
        const german = kept()
        await page.getByTestId('language').selectOption('de')
        await german
        const form = page.getByTestId('give-limit')
        await form.locator('summary').filter({ hasText: 'Grenze vorgeben' }).click()
        // nobody waits a minute here; what is typed beyond the field is for the API to refuse
        await form.locator('input[type=number]').evaluateAll(fields => {
          for (const field of fields)
            for (const name of ['min', 'max', 'step']) field.setAttribute(name, 'any')
        })
        const said = form.getByRole('status')
        const tell = async (limitA: string, minutes: string, button: string): Promise<void> => {
          await form.locator('[name=limitA]').fill(limitA)
          await form.locator('[name=minutes]').fill(minutes)
          await form.getByRole('button', { name: button, exact: true }).click()
        }
        const row = page.locator('[data-limit=page-main]')
        await tell('50', '45', 'Probieren')
        await said.filter({ hasText: /^Wäre: main 50 A bis \d/ }).waitFor()
        t.equal(await form.locator('[name=minutes]').inputValue(), '45', 'what was tried can be given')
        t.equal(await row.count(), 0, 'tried is not given')
        await tell('7000', '60', 'Vorgeben')
        await said.filter({ hasText: /^Nicht übernommen: passt nicht: / }).waitFor()
        t.equal(await row.count(), 0)
        await tell('50', '60', 'Vorgeben')
        await row.filter({ hasText: /^main 50(,0)? A/ }).waitFor()
        // the same name again takes its place
        await tell('40', '0.05', 'Vorgeben')
        await said.filter({ hasText: /^main 40 A bis \d/ }).waitFor()
        await row.waitFor({ state: 'detached' })
        t.pass('and it ends by itself')
        await page.getByTestId('records-button').click()
        await page.locator('[data-tab=orders]').click()
        const order = page.getByTestId('order').filter({ hasText: /^main 40 A/ })
        await order.waitFor()
        const report = await order.getByRole('link', { name: 'Bericht' }).getAttribute('href')
        const got = await page.request.get(new URL(report ?? '', busbar.url).href)
        const evidence = await got.text()
        t.match(evidence, /40 A/, 'and its evidence is there')
        t.match(
          evidence,
          /<th>Erteilt<\/th><td>auf der Seite, von admin<\/td>/,
          'in the language of the page',
        )
        const quarters = await order.getByRole('link', { name: 'Viertelstunden' }).getAttribute('href')
        t.match(
          await (await page.request.get(new URL(quarters ?? '', busbar.url).href)).text(),
          /^from,meanW/,
        )
        t.same(await stumbles(page, 'main'), [], 'no serious finding of axe, light or dark')
        // that looked at both
        await page.emulateMedia({ colorScheme: null })
        t.strictSame(faults, [], 'no script error')
        await page.close()
        const other = await logIn(browser, busbar.url, SIZE)
        await other.page.getByText('Grenze vorgeben').waitFor()
        t.equal(
          await other.page.evaluate('document.documentElement.dataset.theme'),
          'light',
          'on any machine',
        )
        t.equal(await other.page.evaluate('document.documentElement.lang'), 'de')
        await other.page.close()
      },
    )

    busbar.child.kill('SIGTERM')
    t.equal(await busbar.ended, 0)
  },
)

/** A station that takes whatever it is told; `told` are the resets among it. */
async function connected(url: string): Promise<{ readonly told: readonly object[]; terminate(): void }> {
  const socket = new WebSocket(url, 'ocpp1.6', { auth: 'CP-1:sixteen octets..' })
  const told: object[] = []
  socket.on('error', () => undefined)
  socket.on('message', data => {
    const [kind, id, action, payload] = JSON.parse(String(data))
    if (kind !== 2) return
    if (action === 'Reset') told.push(payload)
    socket.send(JSON.stringify([3, id, { status: 'Accepted' }]))
  })
  await once(socket, 'open')
  const boot = { chargePointVendor: 'WEG', chargePointModel: 'WEMOB' }
  socket.send(JSON.stringify([2, 'b', 'BootNotification', boot]))
  return { told, terminate: () => socket.terminate() }
}

t.test(
  'the page sets Busbar up from nothing, shows faults while one types, changes a fuse and takes it back',
  { skip: chromiumPath === '' && 'no Chromium here' },
  async t => {
    const port = await freePort()
    const args = ['--config', join(folder, 'typed.json'), '--data', join(folder, 'typed')]
    const run = start(['run', ...args, '--web-port', String(port)], { BUSBAR_ADMIN_PASSWORD: 'demo' })
    const browser = await launch()
    t.teardown(async () => {
      await browser.close()
      run.child.kill('SIGKILL')
    })
    await run.line('set-up mode')
    const page = await browser.newPage({ viewport: SIZE })
    const faults: string[] = []
    page.on('pageerror', error => faults.push(error.message))
    await page.goto(`http://${HOST}:${port}`)
    await page.getByTestId('set-up-code').waitFor()
    await page.fill('input[name=password]', 'demo')
    await page.click('button[type=submit]')
    await page.fill('#setup-site', 'Depot Nord')
    await page.locator('.field.faulty').getByText('No spaces').waitFor()
    await page.fill('#setup-site', '')
    await page.getByTestId('setup-leave').click()
    const verdict = page.getByTestId('config-verdict')
    await verdict.getByText('Sound', { exact: true }).waitFor()
    const asJson = () => page.locator('[data-part=json]').click()
    await asJson()
    t.match(await page.inputValue('#config-text'), `"port": ${port}`, 'a sound document to begin with')

    const document = { ...GOOD, web: { host: HOST, port } }
    const typed = (change: object) =>
      page.fill('#config-text', JSON.stringify({ ...document, ...change }, null, 1))
    const main = (ratedCurrentA: number) => ({ circuits: [{ ...GOOD.circuits[0], ratedCurrentA }] })
    await typed(main(46))
    t.match(
      await page.getByTestId('config-faults').innerText(),
      /circuits\[0\].*line \d+[\s\S]*fail-safes 6 A \+ worst other load 40 A = 46 A on "main", expected at most 45 A/,
    )
    t.match(await page.getByTestId('config-proof').innerText(), /main\s+6 A\s+40 A\s+45 A\s+-1 A/)
    t.ok(await verdict.getByRole('button', { name: 'Apply and start' }).isDisabled())
    await typed({})
    await verdict.getByText('Sound', { exact: true }).waitFor()
    await verdict.getByRole('button', { name: 'Apply and start' }).click()
    await page.getByTestId('diagram').waitFor()

    const records = page.getByTestId('records')
    await page.getByTestId('records-button').click()
    await records.getByText('No session has begun in this time.').waitFor()
    await page.waitForFunction(async () =>
      (await (await fetch('api/v1/alarms')).text()).includes('"holds":true'),
    )
    await records.locator('[data-tab=alarms]').click()
    await page.getByTestId('past-alarm').filter({ hasText: 'holds' }).first().waitFor()
    await page.getByTestId('records-button').click()
    await pickMoment(page)
    await page
      .getByTestId('moment')
      .getByText(/No decision is kept of then|Decided at/)
      .waitFor()
    await pickStation(page)
    await page.getByTestId('more').locator('summary').click()
    await page.getByTestId('messages').getByText('None that fit.').waitFor()
    t.equal(await page.getByTestId('curves').count(), 1)

    await page.getByTestId('configure').click()
    await verdict.getByText('Sound; nothing is changed').waitFor()
    await asJson()
    await typed(main(80))
    await verdict.getByText('Sound; 1 change').waitFor()
    t.match(
      await page.getByTestId('config-changes').first().innerText(),
      'circuits[main].ratedCurrentA 100 → 80',
    )
    await verdict.getByRole('button', { name: 'Apply now' }).click()
    await verdict.getByText('It holds now, without a restart').waitFor()
    const history = page.getByTestId('config-history')
    await history.getByText('#2').waitFor()
    await verdict.getByText('Sound; nothing is changed').waitFor()
    await history.getByRole('button', { name: 'Roll back to before this' }).click()
    await history.getByRole('button', { name: 'Yes, go back' }).click()
    await history.getByText('#3').waitFor()
    await verdict.getByText('Sound; nothing is changed').waitFor()
    t.match(await page.inputValue('#config-text'), '"ratedCurrentA": 100')
    t.strictSame(faults, [], 'no script error')
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
  },
)

t.test(
  'the forms write the document: the tree and its sums follow each stroke, faults stand beside their fields',
  { skip: chromiumPath === '' && 'no Chromium here' },
  async t => {
    const path = join(folder, 'forms.json')
    const main = { id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 40, meter: 'grid' }
    const connection = { kind: 'tcp', host: HOST, port: await freePort() }
    const meters = [{ id: 'grid', device: 'eastron-sdm630-v2', connection }]
    const web = { host: HOST, port: await freePort() }
    writeFileSync(path, JSON.stringify({ ...GOOD, circuits: [main], meters, web }))
    const run = start(['run', '--config', path, '--data', join(folder, 'forms')], {
      BUSBAR_ADMIN_PASSWORD: 'demo',
    })
    const browser = await launch()
    t.teardown(async () => {
      await browser.close()
      run.child.kill('SIGKILL')
    })
    const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
    const { page, faults } = await logIn(browser, `http://${HOST}:${webPort}`, SIZE)
    await page.getByTestId('configure').click()
    const part = (name: string) => page.locator(`[data-part=${name}]`).click()
    const field = (place: string) => page.locator(`[id="field-${place}"]`)
    const verdict = page.getByTestId('config-verdict')
    const tree = page.getByTestId('circuit-tree')

    await part('circuits')
    await field('circuits[0].ratedCurrentA').fill('46')
    await tree.getByText('1 A too much').waitFor()
    t.match(
      await page.getByTestId('circuit-form').innerText(),
      /fail-safes 6 A \+ worst other load 40 A = 46 A/,
    )
    t.match(await page.getByTestId('config-proof').innerText(), /45 A\s+was 98\s+-1 A\s+was 52/)
    await field('circuits[0].ratedCurrentA').fill('8o')
    await page.locator('[data-field="circuits[0].ratedCurrentA"] .field-fault').waitFor()
    t.equal(await field('circuits[0].ratedCurrentA').getAttribute('aria-invalid'), 'true')
    t.match(
      await page.locator('[data-part=circuits]').innerText(),
      /Circuits\s+1/,
      'the part tells its faults',
    )
    await field('circuits[0].ratedCurrentA').fill('80,5')
    await tree.getByText('32.9 A left').waitFor()

    await page.getByTestId('add-circuit').click()
    t.equal(await field('circuits[1].ratedCurrentA').inputValue(), '', 'no number of ours')
    await verdict.getByText('2 faults').waitFor()
    await field('circuits[1].id').fill('feeder')
    await field('circuits[1].ratedCurrentA').fill('32')
    await field('circuits[1].worstCaseOtherLoadA').fill('0')
    await tree.getByText('feeder').waitFor()
    await page.locator('.branch[data-circuit=main]').click()
    await field('circuits[0].id').fill('grid-main')
    await field('circuits[0].id').press('Tab')

    await part('stations')
    t.equal(await field('stations[0].circuit').inputValue(), '"grid-main"', 'who named it follows')
    await field('stations[0].circuit').selectOption('"feeder"')
    await page.getByTestId('add-stations').click()
    await field('stations[1].connectors[0].failSafeCurrentA').fill('3')
    await verdict.getByRole('button', { name: 'Go to stations[1]' }).first().waitFor()
    await part('site')
    await verdict.getByRole('button', { name: 'Go to stations[1]' }).first().click()
    await page.locator('[id="field-stations[1].connectors[0].failSafeCurrentA"]:focus').waitFor()
    await field('stations[1].connectors[0].failSafeCurrentA').fill('0')
    await verdict.getByText(/^Sound/).waitFor()
    await part('csms')
    await page.getByRole('button', { name: 'Set up CSMS' }).click()
    await page.locator('[data-field="csms.url"] .field-fault').waitFor()
    await page.getByRole('button', { name: 'Take CSMS out' }).click()
    await page.getByRole('button', { name: 'Yes, take CSMS out' }).click()
    await verdict.getByText(/^Sound/).waitFor()
    await verdict.getByRole('button', { name: 'Apply now' }).click()
    await page.getByTestId('config-history').getByText('#1').waitFor()
    const written = JSON.parse(readFileSync(path, 'utf8'))
    t.match(written.circuits, [
      { id: 'grid-main', ratedCurrentA: 80.5 },
      { id: 'feeder', parent: 'grid-main', ratedCurrentA: 32, worstCaseOtherLoadA: 0 },
    ])
    t.match(written.stations, [
      { id: 'CP-1', circuit: 'feeder', connectors: [{ phaseRotation: 'RST' }] },
      { id: 'CP-2', circuit: 'feeder', connectors: [{ failSafeCurrentA: 0 }] },
    ])
    t.notOk('phaseRotation' in written.stations[1].connectors[0], 'wiring is not copied')
    t.notOk('csms' in written)

    // The new station's alarm comes now and moves the page down; not under a finger that is just pressing.
    await page.locator('[data-part=stations]').click({ delay: 600 })
    await page.locator('[data-member="stations[1]"]').click()
    const secret = page.locator('[data-secret="stations CP-2"]')
    await secret.locator('input').fill('0123456789abcdef')
    await secret.getByRole('button', { name: 'Set it' }).click()
    await secret.getByText('is set', { exact: true }).waitFor()
    t.equal(await secret.locator('input').inputValue(), '')
    const { stations } = JSON.parse(readFileSync(join(folder, 'forms', 'secrets.json'), 'utf8'))
    t.same(stations, { 'CP-2': btoa('0123456789abcdef') })

    await page.getByTestId('account').click()
    for (const role of ['viewer', 'operator']) {
      const form = page.getByTestId('add-user')
      await form.locator('[name=user]').fill(role)
      await form.locator('[name=role]').selectOption(role)
      await form.locator('[name=password]').fill('long enough')
      await form.getByRole('button').click()
      await page.locator(`[data-user=${role}]`).waitFor()
    }
    await page.getByTestId('audit').getByRole('button', { name: 'Read again' }).click()
    await page.getByTestId('audit').getByText('password of station CP-2').waitFor()
    await page.getByTestId('audit-filter').fill('no such thing')
    await page.getByTestId('audit').getByText('Nothing that fits.').waitFor()
    await page.getByTestId('audit-filter').fill('password of')
    await page.getByTestId('audit').getByText('password of station CP-2').waitFor()
    const saving = page.getByTestId('make-backup')
    await saving.locator('input').fill('correct horse battery')
    const coming = page.waitForEvent('download')
    await saving.getByRole('button', { name: 'Save everything' }).click()
    const backup = await (await coming).path()
    t.match(JSON.parse(readFileSync(backup, 'utf8')), {
      busbarBackup: 1,
      sealed: { kind: 'scrypt-aes-256-gcm' },
    })

    for (const role of ['viewer', 'operator']) {
      const context = await browser.newContext({ viewport: SIZE })
      const other = await context.newPage()
      await other.goto(`http://${HOST}:${web.port}`)
      await other.fill('input[name=name]', role)
      await other.fill('input[name=password]', 'long enough')
      await other.click('button[type=submit]')
      await other.getByTestId('diagram').waitFor()
      await other.locator(`html[data-role=${role}]`).waitFor()
      t.equal(
        await other.getByTestId('alarm').first().locator('.action[aria-pressed]').isVisible(),
        role === 'operator',
      )
      if (role === 'operator') {
        await other.getByTestId('configure').click()
        await other.getByRole('heading', { name: 'Only an admin can change it' }).waitFor()
        t.ok(await other.locator('[id="field-site.id"]').isDisabled(), 'an operator reads it')
      } else t.equal(await other.getByTestId('configure').count(), 0, 'a viewer does not see it')
      await other.getByTestId('account').click()
      await other.getByTestId('own-password').waitFor()
      t.equal(await other.getByTestId('users').count(), 0)
      await context.close()
    }

    // As on a new box: nothing but a password.
    const next = join(folder, 'next.json')
    const port = await freePort()
    const args = ['run', '--config', next, '--data', join(folder, 'next'), '--web-port', String(port)]
    const box = start(args, { BUSBAR_ADMIN_PASSWORD: 'first' })
    t.teardown(() => box.child.kill('SIGKILL'))
    await box.line('set-up mode')
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
    const fresh = await browser.newPage({ viewport: SIZE })
    await fresh.goto(`http://${HOST}:${port}`)
    await fresh.fill('input[name=password]', 'first')
    await fresh.click('button[type=submit]')
    await fresh.getByTestId('account').click()
    const restoring = fresh.getByTestId('restore')
    await restoring.locator('[name=file]').setInputFiles(backup)
    await restoring.locator('[name=passphrase]').fill('correct horse battery')
    await restoring.getByRole('button', { name: 'Look into it' }).click()
    const told = fresh.getByTestId('backup-told')
    await told.getByText('Users then: admin, viewer, operator').waitFor()
    await told.locator('[name=password]').fill('first')
    await told.getByRole('button', { name: 'Restore all of it' }).click()
    await box.line('busbar runs')
    t.same(JSON.parse(readFileSync(next, 'utf8')), written)
    const secrets = JSON.parse(readFileSync(join(folder, 'next', 'secrets.json'), 'utf8'))
    t.match(secrets, { stations, users: [{ name: 'admin' }, { name: 'viewer' }, { name: 'operator' }] })
    const again = await logIn(browser, `http://${HOST}:${web.port}`, SIZE)
    t.strictSame(again.faults, [], 'the password of before holds there')
    box.child.kill('SIGTERM')
    t.equal(await box.ended, 0)
    t.strictSame(faults, [], 'no script error')
  },
)
