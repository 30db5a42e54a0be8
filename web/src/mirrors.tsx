/** Further systems that are told what stations say: a mirror that is away costs nobody else anything. */
import type { CsmsView, MirrorView } from '../../src/core/view/document.js'
import { site } from './words/site.js'

export function Mirrors({ mirrors = [] }: { mirrors: CsmsView['mirrors'] | undefined }) {
  if (mirrors.length === 0) return null
  return (
    <section class="panel" aria-label={site('mirrors')}>
      <header class="panel-head">
        <h2>{site('mirrors')}</h2>
        <span class="muted">{site('mirrorsAbout')}</span>
      </header>
      <ul class="meters">
        {mirrors.map(mirror => (
          <li key={mirror.id} data-testid="mirror" data-state={mirror.state}>
            <p class="meter-head">
              <b>{mirror.id}</b>
              <span class="muted">{mirror.url}</span>
            </p>
            <p class={mirror.state === 'connected' || mirror.state === 'idle' ? 'muted' : 'fault-text'}>
              {mirrorText(mirror)}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function mirrorText(mirror: MirrorView): string {
  const { openLinks, wantedLinks, waitingMessages, droppedMessages, refusedOrders, reason } = mirror
  const parts = [
    wantedLinks === 0 ? site('mirrorIdle') : site('mirrorHears', { open: openLinks, of: wantedLinks }),
  ]
  if (reason !== undefined) parts.push(reason)
  if (waitingMessages > 0) parts.push(site('mirrorWaits', { count: waitingMessages }))
  if (droppedMessages > 0) parts.push(site('mirrorDropped', { count: droppedMessages }))
  if (refusedOrders > 0) parts.push(site('mirrorRefused', { count: refusedOrders }))
  return parts.join('; ')
}
