/** The strip at the top: whose cabinet, its state in one word, the links, and whether the page itself is live. */
import type { SiteView } from '../../src/core/view/document.js'
import { timeOfDay } from './format.js'
import { Icon, type IconName } from './icon.js'
import { WORDS } from './records/words.js'
import type { Theme } from './theme.js'

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
        <span class="site">{site.siteId}</span>
      </h1>
      <ul class="links">
        {live ? (
          <SiteLinks site={site} />
        ) : (
          <Link name="mode" state="lost" icon="away" text="State not known: no connection to Busbar" />
        )}
        <Link
          name="page"
          state={live ? 'live' : 'old'}
          icon={live ? 'live' : 'clock'}
          text={live ? timeOfDay(site.at) : `last seen ${timeOfDay(site.at)}`}
          title="Time of what is shown"
        />
      </ul>
      <div class="tools">
        {isRecords !== undefined && (
          <button
            type="button"
            class="tool"
            onClick={onRecords}
            aria-pressed={isRecords}
            aria-label={WORDS.open}
            title={isRecords ? 'Back to the site' : WORDS.open}
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
            aria-label="Configuration"
            title={configuring ? 'Back to the site' : 'Configuration'}
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
          aria-label="Users and what was changed"
          title={isAccount ? 'Back to the site' : 'Users and what was changed'}
          data-testid="account"
        >
          <Icon name="person" />
        </button>
        <button
          type="button"
          class="tool"
          onClick={onTheme}
          aria-label={`Colours: ${theme}. Change`}
          title={`Colours: ${theme}`}
        >
          <Icon name={theme === 'auto' ? 'auto' : theme === 'dark' ? 'moon' : 'sun'} />
        </button>
        <button type="button" class="tool" onClick={onLogOut} aria-label="Log out" title="Log out">
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
            ? 'Normal'
            : `Degraded: ${alarms.length} ${alarms.length === 1 ? 'alarm' : 'alarms'}`
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
  if (state === 'none') return 'No MQTT'
  if (state === 'away' && reason === 'refused') return `MQTT refused: ${detail ?? 'by the broker'}`
  return `MQTT ${state}`
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
  if (state === 'none') return 'No CSMS'
  const waiting = waitingMessages > 0 ? `, ${waitingMessages} waiting` : ''
  return state === 'away' ? `CSMS away${waiting}` : `CSMS ${openLinks}/${connectedStations}${waiting}`
}
