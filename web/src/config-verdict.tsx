/** What Busbar says of what is typed: faults, difference, effect on each circuit, and the button that applies it. */
import type { ConfigurationCheck, Taken } from './config-api.js'
import { Changes, ConfigFaults, ConfigProof } from './config-parts.js'
import { config } from './words/config.js'

interface VerdictProps {
  readonly result: ConfigurationCheck | 'forbidden' | undefined
  readonly isSetUp: boolean
  /** Everything is new then, and stands in the editor. */
  readonly isFirst: boolean
  /** Of the configuration that is edited: what the change does to it is shown. */
  readonly before: ConfigurationCheck['proof']
  readonly taken: Taken | undefined
  onPlace(fault: ConfigurationCheck['faults'][number]): void
  onApply(): void
}

export function Verdict({ result, isSetUp, isFirst, before, taken, onPlace, onApply }: VerdictProps) {
  const check = result === 'forbidden' ? undefined : result
  const faults = check?.faults ?? []
  const isSame = check !== undefined && check.changes.length === 0
  const mayApply = check !== undefined && faults.length === 0 && (!isSame || isSetUp)
  return (
    <section
      id="config-verdict"
      class="panel config-verdict"
      aria-label={config('checkHead')}
      data-testid="config-verdict"
    >
      <header class="panel-head">
        <h2>{headline(result, isSame, isFirst)}</h2>
      </header>
      {faults.length > 0 && <ConfigFaults faults={faults} more={check?.moreFaults ?? 0} onPlace={onPlace} />}
      {check !== undefined && check.missing.length > 0 && (
        <>
          <p class="config-note">{config('missing')}</p>
          <ConfigFaults faults={check.missing} more={0} onPlace={onPlace} />
        </>
      )}
      {check !== undefined && check.changes.length > 0 && !isFirst && (
        <Changes changes={check.changes} more={check.moreChanges} />
      )}
      <div class="config-apply">
        <button
          type="button"
          class="primary"
          disabled={!mayApply || taken?.kind === 'restarts'}
          onClick={onApply}
        >
          {config(isSetUp ? 'applyStart' : isLive(check) ? 'applyNow' : 'applyRestart')}
        </button>
        <p role="status" data-testid="config-taken">
          {taken === undefined ? applyText(mayApply, isSetUp, check) : takenText(taken)}
        </p>
      </div>
      {taken?.kind === 'faulty' && <ConfigFaults faults={taken.faults} more={0} onPlace={onPlace} />}
      {check?.proof !== undefined && <ConfigProof proof={check.proof} before={before} />}
    </section>
  )
}

export function headline(
  result: ConfigurationCheck | 'forbidden' | undefined,
  isSame: boolean,
  isFirst: boolean,
): string {
  if (result === undefined) return config('checking')
  if (result === 'forbidden') return config('onlyAdmin')
  const faults = result.faults.length + result.moreFaults
  if (faults > 0) return config('faults', { count: faults })
  if (isFirst) return config('sound')
  if (isSame) return config('same')
  return config('changes', { count: result.changes.length + result.moreChanges })
}

/** Nothing of it needs a restart. */
const isLive = (check: ConfigurationCheck | undefined): boolean => check?.restartFor.length === 0

function applyText(mayApply: boolean, isSetUp: boolean, check: ConfigurationCheck | undefined): string {
  if (!mayApply) return ''
  if (isSetUp) return config('begins')
  if (isLive(check)) return config('atOnce')
  const places = (check?.restartFor ?? []).join(', ')
  return config('restartFor', { places })
}

function takenText(taken: Taken): string {
  const moves = taken.kind === 'restarts' && taken.webPort !== 0 && String(taken.webPort) !== location.port
  return moves && taken.kind === 'restarts'
    ? config('pageOnPort', { text: taken.text, port: taken.webPort })
    : taken.text
}
