/** What can be done about a station: try its CSMS now, say that its supply is cut. Each says what it means before it acts. */
import { useState } from 'preact/hooks'
import type { CsmsLinkView, StationView } from '../../src/core/view/document.js'
import { isolateStation, tryCsms } from './api.js'
import { sinceText, timeOfDay } from './format.js'
import { links } from './words/links.js'
import { site } from './words/site.js'
import { stations } from './words/stations.js'

/** "away for 2 min: nothing answers at its address (TCP), connect ECONNREFUSED …; next try at 14:03:22". */
export function csmsLinkText({ state, reason, detail, since, nextTryAt }: CsmsLinkView, at: string): string {
  if (state === 'none') return stations('noCsms')
  if (state === 'idle') return stations('idle')
  const age = since === undefined ? '' : ` ${site('for', { time: sinceText(since, at) })}`
  if (state === 'open') return stations('connected') + age
  const said = reason === undefined ? '' : `: ${links(`csms ${reason}`)}`
  const why = detail === undefined || reason === undefined ? said : `${said}, ${detail}`
  const next = state === 'connecting' ? stations('tryingNow') : ''
  const then = nextTryAt === undefined ? next : stations('nextTry', { time: timeOfDay(nextTryAt) })
  return stations(state === 'silent' ? 'silent' : 'away') + age + why + then
}

export function StationActions({ station }: { station: StationView }) {
  const [failed, setFailed] = useState('')
  const { id, connected, isolated, csms } = station
  const act = async (done: Promise<boolean>) => setFailed((await done) ? '' : stations('didNotWork'))
  const isolate = () => {
    if (isolated || confirm(stations('askIsolate', { id }))) act(isolateStation(id, !isolated))
  }
  const mayTry = connected && csms.state !== 'open' && csms.state !== 'none'
  return (
    <div class="actions">
      {mayTry && (
        <button type="button" class="action" data-testid="try-csms" onClick={() => act(tryCsms(id))}>
          {stations('tryCsms')}
        </button>
      )}
      {!connected && (
        <button type="button" class="action" data-testid="isolate" onClick={isolate}>
          {stations(isolated ? 'supplyBack' : 'supplyCut')}
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
