/** The whole page: login, then the live site. It shows and asks; it decides nothing. */
import type { ComponentProps } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { SiteView } from '../../src/core/view/document.js'
import { loadMe } from './account-api.js'
import { logOut } from './api.js'
import { loadConfig } from './config-api.js'
import { Diagram } from './diagram.js'
import { timeOfDay } from './format.js'
import { GiveLimit } from './give-limit.js'
import { Header, Wordmark } from './header.js'
import { Icon } from './icon.js'
import { Learning } from './learning.js'
import { Limits } from './limits.js'
import { readLive } from './live-client.js'
import { Login } from './login.js'
import { Mirrors } from './mirrors.js'
import { chooseTheme, endWish, takeWish } from './page-wish.js'
import { Alarms, Circuits, Levers, Meters, withoutSettingUp } from './panels.js'
import { isPressed } from './pressed.js'
import { Proof } from './proof.js'
import { Refused } from './refused.js'
import { Retired } from './retired.js'
import { isSetUp as isConfigured } from './set-up-mode.js'
import { useSetUp } from './setup/set-up.js'
import { SetupFaults } from './setup-faults.js'
import { applyPatch } from './site-state.js'
import { Stations } from './stations.js'
import { nextTheme, onTheme, storedTheme } from './theme.js'
import { useLanguage } from './words/browser-language.js'
import { frame } from './words/frame.js'
import { site as words } from './words/site.js'

/** Beyond this many stations the diagram takes the whole width. */
const WIDE_FROM = 25

interface Feed {
  readonly site: SiteView | undefined
  readonly live: boolean
  /** How often a whole site came: each time the history is read anew. */
  readonly epoch: number
}

/** A demo that runs fast sends often; more than this many times a second nobody can read. */
const DRAW_EVERY_MS = 200
/** Looked at so often whether the click is over. */
const PRESSED_MS = 20

/** Keeps the site current from the live feed and shows it, at most every 200 ms. The answer stops it. */
function keepFeed(show: (feed: Feed) => void, onLoggedOut: () => void): () => void {
  let feed: Feed = { site: undefined, live: false, epoch: 0 }
  let shownMs = Number.NEGATIVE_INFINITY
  let timer: number | undefined
  const draw = () => {
    timer = isPressed() ? window.setTimeout(draw, PRESSED_MS) : undefined
    if (timer !== undefined) return
    shownMs = performance.now()
    show(feed)
  }
  const change = (to: Feed) => {
    feed = to
    timer ??= window.setTimeout(draw, Math.max(0, shownMs + DRAW_EVERY_MS - performance.now()))
  }
  const stop = readLive({
    site: site => change({ site, live: true, epoch: feed.epoch + 1 }),
    patch: patch => {
      if (feed.site !== undefined) change({ ...feed, live: true, site: applyPatch(feed.site, patch) })
    },
    lost: () => change({ ...feed, live: false }),
    loggedOut: onLoggedOut,
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}

export function App() {
  const [door, setDoor] = useState<'open' | 'login'>('open')
  const [feed, setFeed] = useState<Feed>({ site: undefined, live: false, epoch: 0 })
  useEffect(() => {
    if (door === 'login') return undefined
    return keepFeed(setFeed, () => setDoor('login'))
  }, [door])
  if (door === 'login') return <Login onDone={() => setDoor('open')} />
  if (feed.site === undefined) return <Waiting />
  return (
    <Site
      site={feed.site}
      live={feed.live}
      epoch={feed.epoch}
      onLogOut={() => {
        endWish()
        logOut().then(() => setDoor('login'))
      }}
    />
  )
}

function Waiting() {
  return (
    <main class="waiting">
      <Wordmark />
      <p role="status">{frame('connecting')}</p>
    </main>
  )
}

interface SiteProps {
  readonly site: SiteView
  readonly live: boolean
  readonly epoch: number
  onLogOut(): void
}

function Site({ site, live, epoch, onLogOut }: SiteProps) {
  const [circuitId, setCircuitId] = useState<string>()
  const [stationId, setStationId] = useState<string>()
  const [theme, changeTheme] = useState(storedTheme)
  useEffect(() => onTheme(changeTheme), [])
  // What draws itself anew only when its data change is made anew with the language.
  const spoken = useLanguage()
  const dark = useSystemDark()
  const shown = useRef(site)
  shown.current = site
  // With the station its binding circuit, so that the plot beside it shows the reason.
  const pickStation = useCallback((id: string) => {
    setStationId(old => (old === id ? undefined : id))
    const station = shown.current.stations.find(station => station.id === id)
    const binding = station?.connectors.find(({ why }) => why.circuitId !== undefined)?.why.circuitId
    setCircuitId(binding ?? station?.circuitId)
  }, [])
  const pickCircuit = useCallback((id: string) => setCircuitId(id), [])
  // In set-up mode there is nothing to draw: what is missing stands in the alarms, what is wrong in the list.
  const isSetUp = isConfigured(site)
  const title = `${site.mode === 'normal' ? '' : '⚠ '}${isSetUp ? site.siteId : frame('notSetUp')} · Busbar`
  useEffect(() => {
    document.title = title
  }, [title])
  const circuit = site.circuits.find(({ id }) => id === circuitId) ?? site.circuits[0]
  const [wanted, setWanted] = useState<Part>('site')
  const setUp = useSetUp(site, epoch)
  const shownPart = setUp.wizard !== undefined && wanted !== 'account' ? 'wizard' : wanted
  const toggle = (part: Part) => {
    if (part !== 'account') setUp.leave()
    setWanted(shownPart === part ? 'site' : part)
  }
  const told = shownPart === 'wizard' ? withoutSettingUp(site) : site
  const isAccount = shownPart === 'account'
  const configuring = shownPart === 'configuration'
  const [Config, mayConfigure] = useConfigView(epoch, configuring || !isSetUp)
  return (
    <div class={`page${live ? '' : ' not-live'}${site.stations.length >= WIDE_FROM ? ' wide-site' : ''}`}>
      <Header
        site={told}
        live={live}
        theme={theme}
        configuring={isSetUp && mayConfigure ? configuring : undefined}
        onConfigure={() => toggle('configuration')}
        isRecords={isSetUp ? shownPart === 'records' : undefined}
        onRecords={() => toggle('records')}
        isAccount={isAccount}
        onAccount={() => toggle('account')}
        onTheme={() => {
          chooseTheme(nextTheme(theme))
        }}
        onLogOut={onLogOut}
      />
      {!live && <Lost at={site.at} />}
      <Alarms site={told} />
      {isAccount && (
        <main class="set-up">
          <Account />
        </main>
      )}
      {isSetUp && shownPart === 'records' && (
        <main class="set-up">
          <Records stationIds={site.stations.map(({ id }) => id)} />
        </main>
      )}
      {!isAccount && isSetUp && configuring && Config !== undefined && (
        <main class="set-up">
          <Config epoch={epoch} isSetUp={false} />
        </main>
      )}
      {isSetUp && (shownPart === 'site' || (configuring && Config === undefined)) && (
        <main class="grid">
          <section class="panel diagram-panel" aria-label={words('cabinet')}>
            <Diagram
              key={spoken}
              site={site}
              selected={circuit?.id ?? ''}
              selectedStation={stationId}
              onCircuit={pickCircuit}
              onStation={pickStation}
            />
            <Legend />
          </section>
          {circuit !== undefined && (
            <Course circuit={circuit} at={site.at} epoch={epoch} themeKey={`${theme} ${dark} ${spoken}`} />
          )}
          <Stations
            key={spoken}
            stations={site.stations}
            at={site.at}
            selected={stationId}
            onPick={pickStation}
          />
          <Side site={site} selected={circuit?.id ?? ''} onCircuit={pickCircuit} />
        </main>
      )}
      {shownPart === 'wizard' && setUp.wizard}
      {!isAccount && shownPart !== 'wizard' && !isSetUp && (
        <main class="set-up">
          {(Config === undefined || site.configurationFaults?.some(({ path }) => path === '(start)')) && (
            <SetupFaults faults={site.configurationFaults} />
          )}
          {Config !== undefined && <Config epoch={epoch} isSetUp />}
        </main>
      )}
      {!isAccount && setUp.again}
    </div>
  )
}

interface SideProps {
  readonly site: SiteView
  readonly selected: string
  onCircuit(id: string): void
}

/** The lists beside the cabinet, drawn when that is seen. */
function Side({ site, selected, onCircuit }: SideProps) {
  const [isSeen, setIsSeen] = useState(false)
  useEffect(() => setIsSeen(true), [])
  if (!isSeen) return <div class="side" />
  return (
    <div class="side">
      <Circuits circuits={site.circuits} selected={selected} onPick={onCircuit} />
      <Meters meters={site.meters} at={site.at} />
      <Limits limits={site.limits} />
      <GiveLimit circuits={site.circuits} />
      <Mirrors mirrors={site.csms.mirrors} />
      <Retired retired={site.retiredStations} />
      <Learning learning={site.learning} refused={site.refusedStations} at={site.at} />
      <Refused refused={site.refusedStations} at={site.at} />
      <Proof />
      <Levers />
    </div>
  )
}

/** What fills the page below the header. */
type Part = 'site' | 'configuration' | 'records' | 'account' | 'wizard'

type PlotView = typeof import('./plot.js').Plot

/** How it went so far. Drawn once the rest of the page is there: what draws it is a third of all that is loaded. */
function Course(props: ComponentProps<PlotView>) {
  const [view, setView] = useState<{ readonly View: PlotView }>()
  useEffect(() => {
    import('./plot.js').then(({ Plot }) => setView({ View: Plot }))
  }, [])
  return view === undefined ? <section class="panel plot-panel" aria-busy="true" /> : <view.View {...props} />
}

type RecordsView = typeof import('./records/records-view.js').RecordsView

/** Loaded when somebody asks for it. */
function Records({ stationIds }: { stationIds: readonly string[] }) {
  const [view, setView] = useState<{ readonly View: RecordsView }>()
  useEffect(() => {
    import('./records/records-view.js').then(({ RecordsView }) => setView({ View: RecordsView }))
  }, [])
  return view === undefined ? null : <view.View stationIds={stationIds} />
}

type AccountView = typeof import('./account-view.js').AccountView

/** Loaded when somebody asks for it. */
function Account() {
  const [view, setView] = useState<{ readonly View: AccountView }>()
  useEffect(() => {
    import('./account-view.js').then(({ AccountView }) => setView({ View: AccountView }))
  }, [])
  return view === undefined ? null : <view.View />
}

type ConfigView = typeof import('./config-view.js').ConfigView

/** The view, and whether this Busbar has one. Loaded when it is `wanted`, for most who look never change anything. */
function useConfigView(epoch: number, isWanted: boolean): [ConfigView | undefined, boolean] {
  const [view, setView] = useState<{ readonly View: ConfigView }>()
  const [isThere, setIsThere] = useState(false)
  useEffect(() => {
    // What one may not do is not offered; the server refuses it anyway.
    loadMe().then(me => {
      document.documentElement.dataset.role = me?.role ?? 'viewer'
      if (me !== undefined) takeWish(me.page)
    })
    loadConfig().then(found => setIsThere(found !== undefined))
  }, [epoch])
  useEffect(() => {
    if (isThere && isWanted)
      import('./config-view.js').then(({ ConfigView }) => setView({ View: ConfigView }))
  }, [isThere, isWanted])
  return [view?.View, isThere]
}

function Lost({ at }: { at: string }) {
  return (
    <p class="lost" role="alert" data-testid="lost">
      <Icon name="away" />
      <b>{frame('lost')}</b> {frame('lostSince', { time: timeOfDay(at) })}
    </p>
  )
}

function Legend() {
  return (
    <ul class="legend" aria-label={words('legend')}>
      <li>
        <i class="swatch fill" /> {words('worstPhase')}
      </li>
      <li>
        <svg class="mark" viewBox="0 0 8 12" width="8" height="12" aria-hidden="true">
          <path d="M4 5V12" />
          <path class="flag" d="M4 6L.5 1h7z" />
        </svg>
        {words('marks')}
      </li>
      <li>
        <i class="swatch phase-0" /> L1 <i class="swatch phase-1" /> L2 <i class="swatch phase-2" /> L3
      </li>
      <li>
        <Icon name="charging" /> {words('charging')}
      </li>
      <li>
        <Icon name="paused" /> {words('paused')}
      </li>
      <li>
        <Icon name="full" /> {words('full')}
      </li>
      <li>
        <Icon name="free" /> {words('free')}
      </li>
      <li>
        <Icon name="unknown" /> {words('unknown')}
      </li>
      <li>
        <Icon name="gone" /> {words('gone')}
      </li>
      <li>
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M4.5 2l7 7M11.5 2l-7 7M8 5.5V14" />
        </svg>{' '}
        {words('breaker')}
      </li>
    </ul>
  )
}

function useSystemDark(): boolean {
  const query = matchMedia('(prefers-color-scheme: dark)')
  const [dark, setDark] = useState(query.matches)
  useEffect(() => {
    const listener = (event: MediaQueryListEvent) => setDark(event.matches)
    const list = matchMedia('(prefers-color-scheme: dark)')
    list.addEventListener('change', listener)
    return () => list.removeEventListener('change', listener)
  }, [])
  return dark
}
