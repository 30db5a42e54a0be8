/** Further systems that are told what stations say: a mirror that is away costs nobody else anything. */
import type { CsmsView, MirrorView } from '../../src/core/view/document.js'

export function Mirrors({ mirrors = [] }: { mirrors: CsmsView['mirrors'] | undefined }) {
  if (mirrors.length === 0) return null
  return (
    <section class="panel" aria-label="Mirrors">
      <header class="panel-head">
        <h2>Mirrors</h2>
        <span class="muted">told what stations say, may order nothing</span>
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
    wantedLinks === 0 ? 'no station to report on' : `hears ${openLinks} of ${wantedLinks} stations`,
  ]
  if (reason !== undefined) parts.push(reason)
  if (waitingMessages > 0) parts.push(`${waitingMessages} reports wait`)
  if (droppedMessages > 0) parts.push(`${droppedMessages} given up`)
  if (refusedOrders > 0) parts.push(`${refusedOrders} orders refused`)
  return parts.join('; ')
}
