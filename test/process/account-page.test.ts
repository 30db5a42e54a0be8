/**
 * What somebody does for himself on the page, in a real browser before the real process: reads what one fault at a time can do to
 * the site, and changes his own password. Needs Chromium; says "skipped" without it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { stumbles } from '../web/fixtures/axe.js'
import { chromiumPath, launch, logIn } from '../web/fixtures/browser.js'
import { englishOn } from '../web/fixtures/english.js'
import { start } from './fixtures/process.js'
import { GOOD } from './fixtures/site.js'

const SIZE = { width: 1366, height: 900 }
const PHONE = { width: 390, height: 844 }
const HOST = '127.0.0.1'
const NEXT = 'correct horse battery'

const folder = mkdtempSync(join(tmpdir(), 'busbar-account-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const configPath = join(folder, 'busbar.json')

/** A station that does not obey is beyond what the fuse of its feeder bounds. */
const [first] = GOOD.stations
const SITE = {
  ...GOOD,
  circuits: [
    { id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 40 },
    { id: 'feeder', parent: 'main', ratedCurrentA: 20, worstCaseOtherLoadA: 0 },
  ],
  stations: [first, { ...first, id: 'CP-2', circuit: 'feeder' }, { ...first, id: 'CP-3', circuit: 'feeder' }],
}

interface Fault {
  readonly fault: string
  readonly circuitId: string
  readonly worstA: number
  readonly ratedA: number
  /** Above the rating, s; undefined = until it is mended. */
  readonly overS: number | undefined
  readonly isBounded: boolean
}

const LINE = /^ {2}(bounded |UNBOUNDED) (.+): (\S+) ([\d.]+) A of ([\d.]+) A \(\d+ %\), (.+)$/

function lastsS(text: string): number | undefined {
  if (/never/.test(text)) return 0
  if (/until it is mended/.test(text)) return undefined
  const [, number, unit] = /([\d.]+)\s(s|min)\b/.exec(text) ?? []
  return number === undefined ? undefined : Number(number) * (unit === 'min' ? 60 : 1)
}

/** As the command on the console says it. */
async function checked(): Promise<readonly Fault[]> {
  const run = start(['check', '--config', configPath])
  t.equal(await run.ended, 0)
  return run
    .output()
    .split('\n')
    .flatMap(line => {
      const [, bounded, fault = '', circuitId = '', worst, rated, lasts = ''] = LINE.exec(line) ?? []
      if (bounded === undefined) return []
      const amps = { worstA: Number(worst), ratedA: Number(rated) }
      return { fault, circuitId, ...amps, overS: lastsS(lasts), isBounded: bounded !== 'UNBOUNDED' }
    })
}

/** As the page says it. */
async function shown(page: Page): Promise<readonly Fault[]> {
  const found: Fault[] = []
  for (const group of await page.getByTestId('proof-fault').all()) {
    const fault = await group.locator('th').innerText()
    for (const row of await group.getByTestId('proof-row').all()) {
      const [circuitId = '', worst = '', rated = '', lasts = ''] = await row.locator('td').allInnerTexts()
      const amps = { worstA: Number.parseFloat(worst), ratedA: Number.parseFloat(rated) }
      const isBounded = (await row.getAttribute('data-bounded')) === 'true'
      found.push({ fault, circuitId, ...amps, overS: lastsS(lasts), isBounded })
    }
  }
  return found
}

/** As soon as it is laid out anew; what stays wider is told by the test. */
async function widthOf(page: Page): Promise<number> {
  const fits = `document.documentElement.scrollWidth <= ${PHONE.width}`
  await page.waitForFunction(fits, undefined, { timeout: 5_000 }).catch(() => undefined)
  return page.evaluate<number>('document.documentElement.scrollWidth')
}

t.test(
  'for oneself on the page',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 200_000 },
  async t => {
    writeFileSync(configPath, JSON.stringify(SITE))
    const run = start(['run', '--config', configPath, '--data', join(folder, 'data')], {
      BUSBAR_ADMIN_PASSWORD: 'demo',
    })
    t.teardown(() => run.child.kill('SIGKILL'))
    const { webPort } = JSON.parse(await run.line('busbar runs')) as Record<string, number>
    const url = `http://${HOST}:${webPort}`
    const browser = await launch()
    t.teardown(() => browser.close())
    const { page, faults } = await logIn(browser, url, SIZE)

    await t.test('the table of single faults says what `check` says of the same document', async t => {
      const proof = page.getByTestId('proof')
      await proof.locator('summary').click()
      await page.getByTestId('proof-row').first().waitFor()
      const [table, lines] = [await shown(page), await checked()]
      t.ok(lines.length >= 10, `${lines.length} faults by the command`)
      t.ok(table.length >= lines.length, `${table.length} rows on the page, each circuit of each fault`)
      for (const line of lines) {
        const row = table.find(one => one.fault === line.fault && one.circuitId === line.circuitId)
        t.same(row, line, `${line.fault}, ${line.circuitId}`)
      }
      for (const row of table)
        if (!row.isBounded)
          t.ok(
            lines.some(
              ({ fault, circuitId, isBounded }) =>
                !isBounded && fault === row.fault && circuitId === row.circuitId,
            ),
            row.fault,
          )
      const beyond = new Set(table.filter(({ isBounded }) => !isBounded).map(({ fault }) => fault))
      t.ok(
        beyond.size > 0 && beyond.size < new Set(table.map(({ fault }) => fault)).size,
        'both kinds are in it',
      )
      const head = await proof.locator('.panel-head').innerText()
      t.match(
        head,
        String(table.filter(({ isBounded }) => !isBounded).length),
        'how many are beyond is said above it',
      )
      t.same(await stumbles(page, '[data-testid=proof]'), [], 'no serious finding of axe, light or dark')
    })

    await t.test('in each language, and on a phone nothing of it stands beside the screen', async t => {
      const rows = page.locator('[data-testid=proof] tbody th')
      const heads = async (language: string, first: string): Promise<readonly string[]> => {
        await page.getByTestId('language').selectOption(language)
        await rows.first().filter({ hasText: first }).waitFor()
        await page.setViewportSize(PHONE)
        const width = await widthOf(page)
        t.ok(width <= PHONE.width, `${language}: ${width} px`)
        await page.setViewportSize(SIZE)
        return rows.allInnerTexts()
      }
      const english = await heads('en', 'other load jumps to its worst case')
      const german = await heads('de', 'Übrige Last springt auf den ungünstigsten Fall')
      await page.getByText('its fail-safe or worst offer').first().waitFor({ state: 'detached' })
      t.same(await englishOn(page, /WEMOB|feeder|main/g), [])
      const portuguese = await heads('pt', 'A outra carga salta para o pior caso')
      for (const [at, text] of english.entries())
        t.equal(
          new Set([text, german[at], portuguese[at]]).size,
          3,
          `${text}: ${german[at]}, ${portuguese[at]}`,
        )
      await heads('en', 'other load jumps to its worst case')
    })

    await t.test('a password is changed by who knows it; elsewhere one is logged out then', async t => {
      const elsewhere = await logIn(browser, url, SIZE)
      await page.getByTestId('account').click()
      const form = page.getByTestId('own-password')
      const said = form.getByRole('status')
      const change = async (current: string, next: string, again: string): Promise<void> => {
        await form.locator('[name=current]').fill(current)
        await form.locator('[name=next]').fill(next)
        await form.locator('[name=again]').fill(again)
        await form.getByRole('button').click()
      }
      await change('demo', NEXT, `${NEXT}s`)
      await said.filter({ hasText: 'The two new passwords are not the same.' }).waitFor()
      await change('wrong', NEXT, NEXT)
      await said.filter({ hasText: 'another password' }).waitFor()
      await change('demo', 'short', 'short')
      const fits = await page.evaluate<boolean>(
        "document.querySelector('[data-testid=own-password]').checkValidity()",
      )
      t.notOk(fits, 'the browser asks for 8 signs')
      t.equal(await elsewhere.page.getByTestId('diagram').count(), 1, 'so far nothing has changed')
      t.same(await stumbles(page, '[data-testid=account-view]'), [])

      await change('demo', NEXT, NEXT)
      await said.filter({ hasText: 'Changed. Everywhere else you are logged out.' }).waitFor()
      t.equal(await form.locator('[name=next]').inputValue(), '', 'nothing of it stays on the screen')
      const login = elsewhere.page.getByTestId('login-form')
      await login.waitFor()
      const logInWith = async (password: string): Promise<void> => {
        await elsewhere.page.fill('input[name=name]', 'admin')
        await elsewhere.page.fill('input[name=password]', password)
        await elsewhere.page.click('button[type=submit]')
      }
      await logInWith('demo')
      await login.getByRole('alert').waitFor()
      await logInWith(NEXT)
      await elsewhere.page.getByTestId('diagram').waitFor()
      t.strictSame(elsewhere.faults, [], 'no script error there')
      const audit = page.getByTestId('audit')
      await audit.getByRole('button').click()
      await audit
        .getByText(/password/i)
        .first()
        .waitFor()
      t.notMatch(await audit.innerText(), NEXT, 'no password in the record')
    })

    t.strictSame(faults, [], 'no script error')
    await page.getByTestId('language').selectOption('de')
    await page.setViewportSize(PHONE)
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
    await page.locator('[data-state=lost]').waitFor()
    const width = await widthOf(page)
    t.ok(width <= PHONE.width, `with its connection lost the page is ${width} px wide`)
  },
)
