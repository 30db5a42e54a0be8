/** What can be done about a station: try its CSMS now, say that its supply is cut. Each says what it means before it acts. */
import { useState } from 'preact/hooks'
import type { CsmsLinkView, StationView } from '../../../src/core/view/document.js'
import { isolateStation, tryCsms } from '../api.js'
import { sinceText, timeOfDay } from '../format.js'
import { csmsLink } from '../words/csms-link.js'
import { station as words } from '../words/station.js'

/** "away for 2 min: nothing answers at its address (TCP), connect ECONNREFUSED …; next try at 14:03:22". */
export function csmsLinkText({ state, reason, detail, since, nextTryAt }: CsmsLinkView, at: string): string {
  if (state === 'none') return words('noCsms')
  if (state === 'idle') return words('idle')
  const age = since === undefined ? '' : ` ${words('for', { time: sinceText(since, at) })}`
  if (state === 'open') return words('connected') + age
  const said = reason === undefined ? '' : `: ${csmsLink(reason)}`
  const why = detail === undefined || reason === undefined ? said : `${said}, ${detail}`
  const next = state === 'connecting' ? words('tryingNow') : ''
  const then = nextTryAt === undefined ? next : words('nextTry', { time: timeOfDay(nextTryAt) })
  return words(state === 'silent' ? 'silent' : 'away') + age + why + then
}

export function StationActions({ station }: { station: StationView }) {
  const [failed, setFailed] = useState('')
  const { id, connected, isolated, csms } = station
  const act = async (done: Promise<boolean>) => setFailed((await done) ? '' : words('didNotWork'))
  const isolate = () => {
    if (isolated || confirm(words('askIsolate', { id }))) act(isolateStation(id, !isolated))
  }
  const mayTry = connected && csms.state !== 'open' && csms.state !== 'none'
  return (
    <div class="actions" data-for="operator">
      {mayTry && (
        <button type="button" class="action" data-testid="try-csms" onClick={() => act(tryCsms(id))}>
          {words('tryCsms')}
        </button>
      )}
      {!connected && (
        <button type="button" class="action" data-testid="isolate" onClick={isolate}>
          {words(isolated ? 'supplyBack' : 'supplyCut')}
        </button>
      )}
      {failed !== '' && (
        <span class="fault-text" role="alert">
          {failed}
        </span>
      )}
    </div>
  )
}
