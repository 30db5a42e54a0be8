/**
 * The demo as a user meets it: the real process on real sockets, its page in a real browser, its levers, its end.
 * Needs Chromium; says "skipped" without it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createConnection } from 'node:net'
import { connectAsync } from 'mqtt'
import t from 'tap'
import { chromiumPath, launch, logIn } from '../web/fixtures/browser.js'

const SHOTS = 'screenshots'
/** For whatever the demo needs to show something at 10 x; a step that takes longer is a failure, not a slow machine. */
const PATIENCE_MS = 60_000

/** In the browser: the nodes whose accessible name does not begin with what is written on them (WCAG 2.5.3). */
const NAMES_APART = `[...document.querySelectorAll('[data-testid$=-node]')].flatMap(node => {
  const words = [...node.querySelectorAll('text')].map(text => text.textContent).join(' ')
  const name = node.getAttribute('aria-label')
  return name.startsWith(words.replace(/\\s+/g, ' ').trim()) ? [] : [name + ' | ' + words]
})`

interface Demo {
  readonly process: ChildProcess
  readonly page: string
  readonly broker: string
  readonly ocppPort: number
  readonly output: () => string
}

async function startDemo(): Promise<Demo> {
  const child = spawn(
    process.execPath,
    ['dist/sim/demo.js', '--web-port', '0', '--ocpp-port', '0', '--speed', '10'],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await until(
    () => output.includes('Ctrl-C'),
    'the demo prints its addresses',
    () => output,
  )
  const found = (pattern: RegExp): string => pattern.exec(output)?.[1] ?? ''
  return {
    process: child,
    page: found(/page\s+(http:\S+)/),
    broker: found(/broker\s+(mqtt:\S+?),/),
    ocppPort: Number(found(/stations\s+ws:\/\/127\.0\.0\.1:(\d+)/)),
    output: () => output,
  }
}

async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  context: () => string = () => '',
): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not seen: ${what}\n${context().slice(-2000)}`)
    await new Promise(done => setTimeout(done, 100))
  }
}

t.test(
  'the demo',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 240_000 },
  async t => {
    mkdirSync(SHOTS, { recursive: true })
    const demo = await startDemo()
    t.teardown(() => demo.process.kill('SIGKILL'))
    const browser = await launch()
    t.teardown(() => browser.close())

    await t.test('shows cars charging, the limit as a mark, and the circuit that binds', async t => {
      const { page, faults } = await logIn(browser, demo.page, { width: 1440, height: 900 })
      const full = page.locator('[data-testid=why]', { hasText: /is full on L[123]: / })
      await full.first().waitFor({ timeout: PATIENCE_MS })
      const said = page.getByTestId('circuit-why')
      t.match(await said.first().textContent(), /^Of .* A on L[123], other load takes .* A/)
      t.equal(await page.getByTestId('circuit-node').count(), 4, 'main and three feeders')
      t.equal(await page.getByTestId('station-node').count(), 12, 'every station hangs from a feeder')
      t.strictSame(await page.evaluate(NAMES_APART), [], 'each name begins with the words on its node')
      t.ok((await page.getByTestId('limit-mark').count()) >= 4, 'each circuit has its limit mark')
      t.ok(await page.getByTestId('plot').isVisible(), 'the plot is there')
      await page.screenshot({ path: `${SHOTS}/laptop.png` })
      t.strictSame(faults, [], 'no script error')
      await page.close()
    })

    await t.test('fits a phone', async t => {
      const { page, faults } = await logIn(browser, demo.page, { width: 390, height: 844 })
      await page.getByTestId('why').first().waitFor()
      t.ok(
        await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth'),
        'nothing sticks out sideways',
      )
      const said = await page.getByTestId('why').allTextContents()
      t.ok(said.length > 0)
      t.strictSame(
        said.filter((text, at) => text !== 'as above' && text === said[at - 1]),
        [],
        'what several have in common is said once',
      )
      await page.screenshot({ path: `${SHOTS}/phone.png`, fullPage: true })
      t.strictSame(faults, [], 'no script error')
      await page.close()
    })

    await t.test('says in words what is unplugged or wrong, and when it is back', async t => {
      const { page } = await logIn(browser, demo.page, { width: 1440, height: 900 })
      for (const [lever, code] of [
        ['meter', /meter-(stale|lost) Meter main /],
        ['csms', /csms-away/],
        ['broker', /mqtt-away/],
        ['meter-reversed', /meter-wrong Meter main is not believed, worst case .* A on L2, flowing out/],
      ] as const) {
        const alarm = async (): Promise<boolean> => {
          const shown = await page
            .getByTestId('alarm')
            .evaluateAll(nodes => nodes.map(node => `${node.getAttribute('data-code')} ${node.textContent}`))
          return shown.some(found => code.test(found))
        }
        await page.locator(`[data-lever=${lever}]`).click()
        await until(alarm, `alarm for ${lever}`, demo.output)
        if (lever === 'meter') await page.screenshot({ path: `${SHOTS}/meter-off.png` })
        await page.locator(`[data-lever=${lever}]`).click()
        await until(async () => !(await alarm()), `end of the alarm for ${lever}`, demo.output)
        t.pass(`${lever} off and on`)
      }
      await page.close()
    })

    await t.test('keeps the state on the broker for whoever comes later', async t => {
      const client = await connectAsync(demo.broker, { reconnectPeriod: 0 })
      const seen = new Map<string, string>()
      client.on('message', (topic, payload) => seen.set(topic, payload.toString()))
      await client.subscribeAsync('busbar/demo-depot/#')
      await until(
        () =>
          ['status', 'circuits/main', 'stations/CP-01/connectors/1'].every(topic =>
            seen.has(`busbar/demo-depot/${topic}`),
          ),
        'the retained topics, in whatever order',
      )
      t.equal(seen.get('busbar/demo-depot/status'), 'online')
      t.match(JSON.parse(seen.get('busbar/demo-depot/circuits/main') ?? '{}'), { limitA: 156.8 })
      await client.endAsync()
    })

    await t.test('survives what is no WebSocket on its OCPP port', async t => {
      const socket = createConnection(demo.ocppPort, '127.0.0.1')
      socket.on('error', () => socket.destroy())
      socket.resume()
      socket.write('\u0000\u0001 garbage\r\n\r\n')
      await until(
        () => socket.destroyed || socket.readableEnded || socket.closed,
        'the garbage connection is closed',
      )
      const health = await fetch(`${demo.page}/healthz`)
      t.equal(health.status, 200)
    })

    await t.test('ends in order on SIGTERM with exit code 0', async t => {
      const ended = new Promise<number | null>(done => demo.process.once('exit', done))
      demo.process.kill('SIGTERM')
      t.equal(await ended, 0)
    })
  },
)
