/** The strip at the top: whose cabinet, its state in one word, the links, and whether the page itself is live. */
import type { SiteView } from '../../src/core/view/document.js'
import { timeOfDay } from './format.js'
import { Icon, type IconName } from './icon.js'
import { LanguageSwitch } from './language-switch.js'
import { isSetUp } from './set-up-mode.js'
import type { Theme } from './theme.js'
import { frame } from './words/frame.js'

export function Wordmark() {
  return (
    <span class="wordmark">
      <svg viewBox="0 0 30 22" width="30" height="22" aria-hidden="true">
        <path class="wordmark-drop" d="M6 8v13M15 8v8M24 8v13" />
        <rect class="wordmark-bar" x="0" y="2" width="30" height="7" rx="1.5" />
      </svg>
      Busbar
    </span>
  )
}

interface Props {
  readonly site: SiteView
  readonly live: boolean
  readonly theme: Theme
  /** Undefined where the configuration cannot be changed or is shown anyway. */
  readonly configuring?: boolean | undefined
  onConfigure(): void
  /** Whether what was is shown; undefined where nothing is kept. */
  readonly isRecords?: boolean | undefined
  onRecords(): void
  /** Whether who one is, and who else, is shown. */
  readonly isAccount: boolean
  onAccount(): void
  onTheme(): void
  onLogOut(): void
}

export function Header(props: Props) {
  const { site, live, theme, configuring, isAccount, isRecords } = props
  const { onConfigure, onRecords, onAccount, onTheme, onLogOut } = props
  return (
    <header class="top">
      <h1>
        <Wordmark />
        <span class="site">{isSetUp(site) ? site.siteId : frame('notSetUp')}</span>
      </h1>
      <ul class="links">
        {live ? (
          <SiteLinks site={site} />
        ) : (
          <Link name="mode" state="lost" icon="away" text={frame('stateLost')} />
        )}
        <Link
          name="page"
          state={live ? 'live' : 'old'}
          icon={live ? 'live' : 'clock'}
          text={live ? timeOfDay(site.at) : frame('lastSeen', { time: timeOfDay(site.at) })}
          title={frame('timeShown')}
        />
      </ul>
      <div class="tools">
        {isRecords !== undefined && (
          <button
            type="button"
            class="tool"
            onClick={onRecords}
            aria-pressed={isRecords}
            aria-label={frame('records')}
            title={isRecords ? frame('back') : frame('records')}
            data-testid="records-button"
          >
            <Icon name="records" />
          </button>
        )}
        {configuring !== undefined && (
          <button
            type="button"
            class="tool"
            onClick={onConfigure}
            aria-pressed={configuring}
            aria-label={frame('configuration')}
            title={configuring ? frame('back') : frame('configuration')}
            data-testid="configure"
          >
            <Icon name="sliders" />
          </button>
        )}
        <button
          type="button"
          class="tool"
          onClick={onAccount}
          aria-pressed={isAccount}
          aria-label={frame('account')}
          title={isAccount ? frame('back') : frame('account')}
          data-testid="account"
        >
          <Icon name="person" />
        </button>
        <LanguageSwitch />
        <button
          type="button"
          class="tool"
          onClick={onTheme}
          aria-label={frame('changeTheme', { theme: frame(theme) })}
          title={frame('theme', { theme: frame(theme) })}
        >
          <Icon name={theme === 'auto' ? 'auto' : theme === 'dark' ? 'moon' : 'sun'} />
        </button>
        <button
          type="button"
          class="tool"
          onClick={onLogOut}
          aria-label={frame('logOut')}
          title={frame('logOut')}
        >
          <Icon name="out" />
        </button>
      </div>
    </header>
  )
}

/** What is true only while Busbar is heard. */
function SiteLinks({ site: { mode, csms, mqtt, alarms } }: { site: SiteView }) {
  return (
    <>
      <Link
        name="mode"
        state={mode}
        icon={mode === 'normal' ? 'ok' : 'alarm'}
        text={
          mode === 'normal'
            ? frame('normal')
            : alarms.length === 0
              ? frame('settingUp')
              : frame('degraded', { count: alarms.length })
        }
      />
      <Link
        name="csms"
        state={csms.state}
        icon={csmsIcon(csms.state)}
        text={csmsText(csms)}
        title={csms.url}
      />
      <Link
        name="mqtt"
        state={mqtt.state}
        icon={mqtt.state === 'connected' ? 'ok' : mqtt.state === 'away' ? 'away' : 'none'}
        text={mqttText(mqtt)}
        title={mqtt.url}
      />
    </>
  )
}

function mqttText({ state, reason, detail }: SiteView['mqtt']): string {
  if (state === 'none') return frame('noMqtt')
  if (state === 'away' && reason === 'refused')
    return frame('mqttRefused', { why: detail ?? frame('byBroker') })
  return frame(state === 'connected' ? 'mqttConnected' : 'mqttAway')
}

interface LinkProps {
  readonly name: string
  readonly state: string
  readonly icon: IconName
  readonly text: string
  readonly title?: string | undefined
}

function Link({ name, state, icon, text, title }: LinkProps) {
  return (
    <li class={`link-state state-${state}`} data-testid={`link-${name}`} data-state={state} title={title}>
      <Icon name={icon} />
      {text}
    </li>
  )
}

function csmsIcon(state: SiteView['csms']['state']): IconName {
  switch (state) {
    case 'connected':
      return 'ok'
    case 'partly':
      return 'alarm'
    case 'away':
      return 'away'
    case 'none':
      return 'none'
  }
}

function csmsText({ state, openLinks, connectedStations, waitingMessages }: SiteView['csms']): string {
  if (state === 'none') return frame('noCsms')
  const waiting = waitingMessages > 0 ? `, ${frame('waiting', { count: waitingMessages })}` : ''
  const link =
    state === 'away' ? frame('csmsAway') : frame('csms', { open: openLinks, of: connectedStations })
  return link + waiting
}
