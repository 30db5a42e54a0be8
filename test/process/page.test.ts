/**
 * What an operator does on the page, in a real browser before the real process: isolate a station whose supply is cut,
 * see who was not let in, try the CSMS now. Needs Chromium; says "skipped" without it.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
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
  writeFileSync(path, JSON.stringify({ ...GOOD, csms: { url: `ws://${HOST}:${csmsPort}/ocpp` } }))
  const run = start(['run', '--config', path, '--data', join(folder, 'data')], {
    BUSBAR_ADMIN_PASSWORD: 'demo',
  })
  const { webPort, ocppPort } = JSON.parse(await run.line('busbar runs')) as Record<string, number>
  return { ...run, url: `http://${HOST}:${webPort}`, ocpp: `ws://${HOST}:${ocppPort}/ocpp` }
}

const pickStation = (page: Page): Promise<void> =>
  page.locator('[data-testid=station-row] button.link').click()

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

    busbar.child.kill('SIGTERM')
    t.equal(await busbar.ended, 0)
  },
)
