/**
 * A site put into service on the page, from an empty folder to the printed report, in a real browser before a Busbar on real
 * sockets: a feeder whose meter has a reversed transformer, a station wired in another order, and a CSMS that knows whom
 * it lets in. The site's time runs fast, so it takes a quiet machine: run by hand, `node build/test/web/setup-walk.js`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { chromiumPath, launch } from './fixtures/browser.js'
import { CODE, startBusbar, startSurroundings } from './fixtures/cabinet.js'

const SPEED = 12
const PASSWORD = 'copper-bar-42'
const SIZE = { width: 1366, height: 900 }
/** A folder to look at each step in; nobody does in CI. */
const SHOTS = process.env.BUSBAR_SHOTS

let shots = 0
async function shot(page: Page): Promise<void> {
  if (SHOTS === undefined) return
  shots++
  for (const width of [390, 1366]) {
    await page.setViewportSize({ width, height: 900 })
    await page.screenshot({ path: join(SHOTS, `${shots}-${width}.png`), fullPage: true })
  }
}

async function logIn(page: Page, port: number, password: string): Promise<void> {
  await page.goto(`http://127.0.0.1:${port}`)
  await page.fill('input[name=name]', 'admin')
  await page.fill('input[name=password]', password)
  await page.click('button[type=submit]')
}

const next = (page: Page) => page.getByTestId('setup-next').click()
const at = (page: Page, step: string) => page.locator(`[data-testid=wizard][data-step=${step}]`).waitFor()

t.test(
  'the wizard brings a site into service from an empty folder, and finds what is wired wrongly',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 280_000 },
  async t => {
    const around = await startSurroundings(SPEED)
    const busbar = await startBusbar({ speed: SPEED })
    const browser = await launch()
    t.teardown(async () => {
      await browser.close()
      await around.stop()
      await busbar.stop()
    })
    const page = await browser.newPage({ viewport: SIZE })
    page.setDefaultTimeout(60_000)
    const faults: string[] = []
    page.on('pageerror', error => faults.push(error.message))
    page.on('dialog', dialog => dialog.accept())
    const record = join(busbar.folder, 'setup.json')

    await t.test('asks for a password, the site and its fuses, and keeps each as it is typed', async t => {
      await logIn(page, busbar.now.webPort, CODE)
      await at(page, 'site')
      await shot(page)
      await page.fill('#setup-password', PASSWORD)
      await page.fill('#setup-password-again', PASSWORD)
      await page.getByRole('button', { name: 'Set it' }).click()
      await page.getByTestId('password-set').waitFor()
      t.ok(await page.getByTestId('setup-next').isDisabled(), 'not without a name')
      await page.fill('#setup-site', 'depot-north')
      await page.selectOption('#setup-zone', 'Europe/Lisbon')
      await next(page)
      await page.fill('#circuit-0-fuse', '63')
      await page.fill('#circuit-0-other', '20')
      await page.getByTestId('add-feeder').click()
      await page.fill('#circuit-1-fuse', '40')
      await page.fill('#circuit-1-other', '0')
      await page.getByTestId('setup-note').getByText('Kept on this Busbar').waitFor()
      await shot(page)
      t.notOk(readFileSync(record, 'utf8').includes(PASSWORD), 'no password in what is kept')
      await page.reload()
      await at(page, 'circuits')
      t.equal(await page.inputValue('#circuit-1-fuse'), '40', 'come back to where it was')
      t.notOk(existsSync(join(busbar.folder, 'busbar.json')), 'and nothing is written yet')
      await next(page)
    })

    await t.test('finds the meters, shows them live, and tests the CSMS', async t => {
      for (const [index, meter] of around.meters.entries()) {
        await page.fill('#scan-host', `127.0.0.1:${meter.port}`)
        await page.fill('#scan-units', '1')
        await page.getByTestId('scan').click()
        await page.getByTestId('found-meter').first().getByRole('button').click()
        await page.getByTestId('live-values').nth(index).getByText('L1').waitFor()
      }
      const main = page.getByTestId('setup-meter').first()
      t.match(await main.innerText(), /L1\s+11\.2\s[\s\S]*L2\s+9\.4\s[\s\S]*L3\s+10\.1\s/)
      await page.fill('#clamp-main-L1', '11')
      for (const question of [0, 1])
        await main.locator('fieldset').nth(question).getByRole('button', { name: 'Yes' }).click()
      const feeder = page.getByTestId('setup-meter').nth(1)
      t.ok(await feeder.getByRole('button', { name: 'Yes' }).first().isDisabled(), 'nothing flows there yet')
      await shot(page)
      await next(page)
      const tested = async (url: string, as = 'CP-9') => {
        await page.fill('#csms-url', url)
        await page.fill('#csms-as', as)
        await page.getByTestId('csms-test').click()
        const said = `document.querySelector('[data-testid=csms-tested]')?.textContent ?? ''`
        await page.waitForFunction(`!/^(Testing|Not tested)/.test(${said})`)
        return page.getByTestId('csms-tested').innerText()
      }
      t.match(await tested('ws://127.0.0.1:1/ocpp'), /^TCP: /)
      t.match(await tested('ws://nowhere.invalid/ocpp'), /^(Name not found|No answer)/)
      t.match(await tested(around.csms.url, 'busbar-test'), /^401: /)
      t.match(await tested(around.csms.url), /^It answers and speaks ocpp1\.6/)
      await page.getByTestId('setup-proof').getByText('main: fail-safes 0 A + other load 20 A').waitFor()
      await shot(page)
      await page.getByTestId('begin-control').click()
      await at(page, 'stations')
    })

    await t.test('lists whoever knocks, and gives each a place', async () => {
      await page.getByText('Nobody has knocked yet.').waitFor()
      around.open(busbar.now.ocppPort)
      await page.getByTestId('refused-knocker').filter({ hasText: 'CP-A not in the configuration' }).waitFor()
      await page.getByTestId('let-in').click()
      for (const id of ['CP-A', 'CP-B', 'CP-C']) {
        const knocker = page.locator(`[data-testid=knocker][data-station=${id}]`)
        await knocker.filter({ hasText: `WKT-EC13, serial ${id}, 1 connector` }).waitFor()
        await knocker.getByRole('button').click()
        await page.selectOption(`#place-${id}-circuit`, id === 'CP-A' ? 'feeder-1' : 'main')
        await page.selectOption(`#place-${id}-rotation`, 'RST')
        if (id === 'CP-A') {
          await page.fill('#place-CP-A-max', '16')
          await page.fill('#place-CP-A-fail-safe', '3')
          await page.getByTestId('setup-faults').getByText('failSafeCurrentA').waitFor()
          await page.fill('#place-CP-A-fail-safe', '6')
          await page.getByTestId('setup-faults').waitFor({ state: 'detached' })
          await shot(page)
        }
        await page.getByRole('button', { name: 'Put it in' }).click()
        await page.locator(`[data-testid=placed-station][data-station=${id}][data-connected=true]`).waitFor()
      }
      await next(page)
      await at(page, 'wiring')
    })

    /** One car there, stopped until the meter has followed twice; what is found is waited for. */
    const find = async (id: 'CP-A' | 'CP-B' | 'CP-C', expected: RegExp) => {
      const row = page.locator(`[data-testid=wiring-station][data-station=${id}]`)
      // The test before has ended and its result is kept.
      await row.getByTestId('wiring-test').waitFor({ state: 'detached' })
      await row.getByRole('button').first().click()
      const finding = row.getByTestId('wiring-finding')
      const stop = row.getByTestId('stop-car')
      for (let steps = 0; steps < 8; steps++) {
        if ((await finding.getAttribute('data-finding')) === 'judged') break
        await stop.click()
        const seen = await finding.locator('tbody tr').count()
        const rows = `[data-station="${id}"] [data-testid=wiring-finding] tbody tr`
        await page.waitForFunction(`document.querySelectorAll('${rows}').length > ${seen}`)
      }
      await finding.getByText(expected).waitFor()
      await shot(page)
      return row
    }
    const keep = async (id: 'CP-A' | 'CP-B' | 'CP-C') => {
      await page.getByTestId('end-wiring').click()
      await page.locator(`[data-testid=wiring-station][data-station=${id}]`).getByText('Right: ').waitFor()
      around.unplug(id)
    }

    await t.test('names the reversed transformer, and the order of the phases', async t => {
      around.plugIn('CP-A')
      await find('CP-A', /transformer on L2 is reversed/)
      around.turnRound()
      await page.getByTestId('end-wiring').click()
      await find('CP-A', /Right: the meter feeder-1 follows it/)
      await keep('CP-A')
      around.plugIn('CP-B')
      await find('CP-B', /Right: the meter main follows it/)
      await keep('CP-B')
      around.plugIn('CP-C')
      const row = await find('CP-C', /Phases in another order: the rotation of this station is STR \/ SRT/)
      await row.getByRole('button', { name: 'Set rotation STR' }).click()
      await row.getByText('It holds now').waitFor()
      t.match(readFileSync(join(busbar.folder, 'busbar.json'), 'utf8'), /"phaseRotation": "STR"/)
      await page.getByTestId('end-wiring').click()
      await find('CP-C', /Right: the meter main follows it/)
      await page.getByTestId('end-wiring').click()
      await row.getByText('Right: ').waitFor()
      await next(page)
    })

    await t.test('watches while plugs are pulled, over its own restart too', async t => {
      const drill = (kind: string, about = '') =>
        page.locator(`[data-testid=drill][data-kind=${kind}]`).filter({ hasText: about })
      await drill('uplink').getByRole('button').click()
      await drill('uplink').getByText('Pull the network cable').waitFor()
      await around.csms.setOnline(false)
      await drill('uplink').getByText('Plug it in again').waitFor()
      await shot(page)
      await around.csms.setOnline(true)
      await drill('uplink').getByText('Passed').waitFor()
      await drill('meter', 'Meter main').getByRole('button').click()
      await drill('meter', 'Meter main').getByText('Pull the plug').waitFor()
      around.meters[0]?.setOnline(false)
      await drill('meter', 'Meter main').getByText('Plug it in again').waitFor()
      around.meters[0]?.setOnline(true)
      await drill('meter', 'Meter main')
        .getByText(/Passed.*in effect after/)
        .waitFor()
      const before = busbar.now.starts
      await drill('restart').getByRole('button').click()
      await drill('restart')
        .getByText(/Passed.*3 stations, 1 session kept/)
        .waitFor()
      t.equal(busbar.now.starts, before + 1)
      await shot(page)
      await next(page)
    })

    await t.test('prints what was found, and what was not done, one page per circuit', async t => {
      const report = page.getByTestId('report')
      await page.getByTestId('report-circuit').nth(1).waitFor()
      t.equal(await page.getByTestId('report-circuit').count(), 2)
      const text = await report.innerText()
      t.match(text, /Drill: Meter feeder-1/, 'an open point')
      t.match(text, /Meter feeder-1: not compared/, 'another one')
      t.match(text, /Wiring test CP-C\s+Right: the meter main follows it[\s\S]*admin/)
      t.match(text, /ECS Industrial Compu/)
      await shot(page)
      await page.getByTestId('finish').click()
      await page.getByTestId('diagram').waitFor()
      await page.reload()
      await page.getByTestId('diagram').waitFor()
      await page.getByTestId('setup-open').click()
      await at(page, 'report')
      t.strictSame(faults, [], 'no script error')
    })
  },
)
