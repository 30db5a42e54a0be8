/** The page in a real browser: bytes until the site is drawn in each language, how soon, and what it costs while it is open. */
import { setTimeout as after } from 'node:timers/promises'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { chromiumPath, launch } from '../web/fixtures/browser.js'
import { median, report } from './figures.js'
import { PageClient } from './page-client.js'

const LANGUAGES = { en: 'en-GB', de: 'de-DE', pt: 'pt-PT' } as const
const SLOWER = 4
const STATIONS = 60
/** For each wait: a busy machine is slow, and no fault. */
const MOST_MS = 45_000
const SIZE = { width: 1366, height: 768 }
const most = (value: number) => ({ at: 'most' as const, value })

/** In the page, whose own clock tells when: what is heard of it here comes late. What a frame draws is seen when the next task runs. */
const MARK_USABLE = `
  const count = id => document.querySelectorAll('[data-testid=' + id + ']').length
  const marked = new Set()
  const look = () => {
    const [drawn, listed] = [count('station-node'), count('station-row')]
    const mark = (name, isSo) => {
      if (!isSo || marked.has(name)) return
      marked.add(name)
      setTimeout(() => performance.mark(name))
    }
    mark('usable', drawn === ${STATIONS} && listed > 0)
    mark('whole', drawn === ${STATIONS} && listed >= ${STATIONS})
    if (marked.size < 2) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)`

/** In the page: until the frame after the one in which the answer came, ms. */
const DRAW_DAY = `new Promise(done => {
  performance.clearResourceTimings()
  const beganMs = performance.now()
  document.querySelector('[data-range="86400"]').click()
  const look = () => {
    const isThere = performance.getEntriesByType('resource').some(({ name }) => name.includes('seconds=86400'))
    if (isThere) requestAnimationFrame(() => setTimeout(() => done(performance.now() - beganMs)))
    else setTimeout(look, 1)
  }
  look()
})`

/** `url`: of a Busbar with 60 stations and a month of history. */
export async function benchBrowser(url: string, password: string, isShort: boolean): Promise<void> {
  if (chromiumPath === '') {
    const note = 'no chromium is installed'
    for (const name of ['page.weight', 'page.usable', 'page.cpu', 'page.day.drawn'])
      report({ name, value: undefined, unit: '', note })
    return
  }
  const browser = await launch()
  const { cookie } = await PageClient.logIn(url, password)
  const looker: Looker = { browser, url, cookie }
  try {
    for (const [language, locale] of Object.entries(LANGUAGES)) await weigh(looker, language, locale)
    await usable(looker, isShort ? 3 : 7)
    await openFor(looker, isShort ? 8_000 : 40_000)
    await day(looker, isShort ? 3 : 7)
  } finally {
    await browser.close()
  }
}

interface Looker {
  readonly browser: Browser
  readonly url: string
  /** "name=value" of a login. */
  readonly cookie: string
}

interface Opened {
  readonly page: Page
  readonly cdp: CDPSession
  /** Since the request for the page, until what a screen shows is drawn, and until every station is listed below it. */
  readonly tookMs: number
  readonly wholeMs: number
  readonly context: BrowserContext
}

/** With nothing of it kept. `slower`: than this machine. What is asked of the page is text, which its policy forbids. */
async function open(
  { browser, url, cookie }: Looker,
  { locale = 'en-GB', slower = 1 }: { locale?: string; slower?: number },
  before: (cdp: CDPSession) => Promise<void> = async () => undefined,
): Promise<Opened> {
  const context = await browser.newContext({ viewport: SIZE, locale, bypassCSP: true })
  const [name = '', value = ''] = cookie.split('=')
  await context.addCookies([{ name, value, url }])
  const page = await context.newPage()
  page.setDefaultTimeout(MOST_MS)
  const cdp = await context.newCDPSession(page)
  await before(cdp)
  if (slower > 1) await cdp.send('Emulation.setCPUThrottlingRate', { rate: slower })
  await page.addInitScript({ content: MARK_USABLE })
  await page.goto(url, { waitUntil: 'commit' })
  await page.waitForFunction("performance.getEntriesByName('whole').length > 0")
  const markedMs = async (name: string) =>
    Number(await page.evaluate(`performance.getEntriesByName('${name}')[0].startTime`))
  return { page, cdp, tookMs: await markedMs('usable'), wholeMs: await markedMs('whole'), context }
}

async function weigh(looker: Looker, language: string, locale: string): Promise<void> {
  const sizes = new Map<string, number>()
  const urls = new Map<string, string>()
  const { page, context } = await open(looker, { locale }, async cdp => {
    await cdp.send('Network.enable')
    cdp.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url))
    cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
      sizes.set(requestId, encodedDataLength),
    )
  })
  // All of it, with the plot: what comes a moment later is part of what one looks at.
  await page.locator('[data-testid=plot] canvas').waitFor()
  await after(2_000)
  const files = [...sizes].filter(([id]) => !(urls.get(id) ?? '').includes('/api/'))
  const bytes = files.reduce((sum, [, size]) => sum + size, 0)
  await context.close()
  report({
    name: `page.weight.${language}`,
    value: bytes / 1024,
    unit: 'KiB',
    goal: most(60),
    note: `${files.length} files with their headers, as sent, until the site and its plot are there`,
  })
}

async function usable(looker: Looker, rounds: number): Promise<void> {
  const [tookMs, wholeMs]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const opened = await open(looker, { slower: SLOWER })
    tookMs.push(opened.tookMs)
    wholeMs.push(opened.wholeMs)
    await opened.context.close()
  }
  report({
    name: 'page.usable.60',
    value: median(tookMs) / 1000,
    unit: 's',
    goal: most(1),
    note: `until ${STATIONS} stations are drawn with the first of their list, all of it after ${seconds(median(wholeMs))}; nothing kept, CPU ${SLOWER} times slower; median of ${rounds}, ${tookMs.map(seconds).join(' ')}`,
  })
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2)

/** In CPU time of the page's main thread, which other load does not lengthen. */
async function openFor(looker: Looker, spanMs: number): Promise<void> {
  const { cdp, context } = await open(looker, {}, async session => {
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  })
  await after(3_000)
  const busyS = async (name: string): Promise<number> => {
    const { metrics } = await cdp.send('Performance.getMetrics')
    return metrics.find(metric => metric.name === name)?.value ?? Number.NaN
  }
  const parts = ['TaskDuration', 'ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'] as const
  const before = await Promise.all(parts.map(busyS))
  await after(spanMs)
  const perS = (await Promise.all(parts.map(busyS))).map(
    (now, at) => ((now - (before[at] ?? 0)) * 1e6) / spanMs,
  )
  await context.close()
  const [task = 0, script = 0, layout = 0, style = 0] = perS
  report({
    name: 'page.cpu.60',
    value: task,
    unit: 'ms CPU/s',
    goal: most(100),
    note: `main thread of an open page, ${spanMs / 1000} s; script ${script.toFixed(0)}, layout ${layout.toFixed(0)}, style ${style.toFixed(0)} ms/s`,
  })
}

async function day(looker: Looker, rounds: number): Promise<void> {
  const { page, context } = await open(looker, {})
  await page.locator('[data-testid=plot] canvas').waitFor()
  const tookMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    tookMs.push(Number(await page.evaluate(DRAW_DAY)))
    await page.locator('[data-range="900"]').click()
    await after(300)
  }
  await context.close()
  report({
    name: 'page.day.drawn',
    value: median(tookMs),
    unit: 'ms',
    goal: most(200),
    note: `from the press of "day" to the plot of a day by the minute; median of ${rounds}, the slowest ${Math.max(...tookMs).toFixed(0)} ms`,
  })
}
