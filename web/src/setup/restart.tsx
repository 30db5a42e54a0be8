/** "Restart now": what waits for it, and what it does to whom, named before it is done. */
import { useEffect, useState } from 'preact/hooks'
import { service } from '../words/service.js'
import { loadRestart, type RestartTold, restartNow } from './setup-api.js'

export function RestartNow() {
  const [told, setTold] = useState<RestartTold>()
  const [said, setSaid] = useState('')
  useEffect(() => {
    loadRestart().then(setTold)
  }, [])
  if (told === undefined) return null
  const restart = async () => {
    const { sessions, links } = (await loadRestart()) ?? told
    if (!confirm(service('restartSure', { sessions, links }))) return
    const outcome = await restartNow()
    setSaid(typeof outcome === 'string' ? outcome : service('restartDue', { s: outcome.inS ?? 1 }))
  }
  return (
    <section class="panel" aria-label={service('restartNow')} data-testid="restart">
      <header class="panel-head">
        <h2>{service('restartNow')}</h2>
      </header>
      <p class="config-note">
        {told.needs.length === 0
          ? service('restartNothing')
          : service('restartNeeds', { what: told.needs.join(', ') })}
      </p>
      <p class="config-note">
        <button type="button" class="action" onClick={restart} data-testid="restart-now">
          {service('restartNow')}
        </button>{' '}
        <span role="status">{said}</span>
      </p>
    </section>
  )
}
