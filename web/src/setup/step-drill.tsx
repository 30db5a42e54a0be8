/** "Pull this plug now": what is to be done, what is seen, and whether the promise was kept, in seconds. */
import { useEffect, useState } from 'preact/hooks'
import { number, when } from '../words/numbers.js'
import { service } from '../words/service.js'
import { type DrillResult, runDrill, type SetupView } from './setup-api.js'
import type { StepProps } from './wizard.js'

const LOOK_EVERY_MS = 500

export function StepDrill({ site, view, onView }: StepProps) {
  const isRunning = view.drill !== undefined
  useEffect(() => {
    if (!isRunning) return undefined
    const timer = window.setInterval(onView, LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [isRunning, onView])
  return (
    <>
      <p>{service('drillWhy')}</p>
      <ul class="setup-list">
        {drillsOf(site).map(what => (
          <li key={`${what.kind} ${what.about ?? ''}`} data-testid="drill" data-kind={what.kind}>
            <One what={what} view={view} onView={onView} />
          </li>
        ))}
      </ul>
    </>
  )
}

export interface DrillOf {
  readonly kind: DrillResult['kind']
  readonly about?: string
}

/** What can be pulled here. */
export function drillsOf(site: StepProps['site']): readonly DrillOf[] {
  return [
    ...(site.csms.state === 'none' ? [] : [{ kind: 'uplink' as const }]),
    ...site.meters.map(({ id }) => ({ kind: 'meter' as const, about: id })),
    { kind: 'restart' as const },
  ]
}

export function drillName({ kind, about = '' }: DrillOf): string {
  if (kind === 'meter') return service('drillMeter', { meter: about })
  return service(kind === 'uplink' ? 'drillUplink' : 'drillRestart')
}

export function lastOf(view: SetupView, { kind, about }: DrillOf): DrillResult | undefined {
  return view.drills.findLast(result => result.kind === kind && result.about === about)
}

interface OneProps extends Pick<StepProps, 'view' | 'onView'> {
  readonly what: DrillOf
}

function One({ what, view, onView }: OneProps) {
  const { kind, about } = what
  const running = view.drill?.kind === kind && view.drill.about === about ? view.drill : undefined
  const last = lastOf(view, what)
  const [refused, setRefused] = useState<Refused>()
  const order = async (wish: object) => {
    setRefused(undefined)
    setRefused(await runDrill(wish))
    onView()
  }
  return (
    <>
      <span>
        <b>{drillName(what)}</b>{' '}
        {running !== undefined ? (
          <strong class="setup-order" role="alert" data-testid="drill-order">
            {instruction(running.stage, what)}
          </strong>
        ) : (
          <span class={last?.passed === false ? 'fault-text' : 'muted'} data-testid="drill-result">
            {last === undefined ? service('notDone') : `${drillText(last)}. ${when(last.at, 'moment')}`}
          </span>
        )}
        {running === undefined && refused !== undefined && (
          <span class="fault-text" role="alert">
            {' '}
            {refusedText(refused)}
          </span>
        )}
      </span>
      {running === undefined ? (
        <button
          type="button"
          class="action"
          disabled={view.drill !== undefined}
          onClick={() => order({ kind, ...(about !== undefined && { meterId: about }) })}
        >
          {kind === 'restart' ? service('drillRestartStart') : service('drillStart')}
        </button>
      ) : (
        <button type="button" class="action" onClick={() => order({})}>
          {service('drillEnd')}
        </button>
      )}
    </>
  )
}

type Refused = Awaited<ReturnType<typeof runDrill>>

function refusedText(refused: NonNullable<Refused>): string {
  if (refused === 'meter-not-fresh') return service('meterNotFresh')
  if (refused === 'no-csms') return service('csmsNotThere')
  return service(refused === 'busy' ? 'drillBusy' : 'drillRefused')
}

function instruction(stage: NonNullable<SetupView['drill']>['stage'], { kind, about = '' }: DrillOf): string {
  if (kind === 'restart') return service('comesBack')
  if (stage === 'out') return service('isOut')
  if (stage === 'plug in') return service('plugIn')
  return kind === 'uplink' ? service('pullUplink') : service('pullMeter', { meter: about })
}

/** Passed or failed, with every number. */
export function drillText(result: DrillResult): string {
  const { kind, passed, failure, failedAt = '', outS, commandedS, effectS, stations, sessions } = result
  const s = (seconds: number) => ({ s: number(seconds) })
  const why =
    failure === undefined
      ? []
      : failure === 'station-lost' || failure === 'session-lost' || failure === 'over-limit'
        ? [service(failure, { at: failedAt })]
        : [service(failure)]
  return [
    service(passed ? 'passed' : 'failed'),
    ...why,
    ...(outS === undefined ? [] : [service(kind === 'restart' ? 'backS' : 'outS', s(outS))]),
    ...(commandedS === undefined ? [] : [service('commandedS', s(commandedS))]),
    ...(effectS === undefined ? [] : [service('effectS', s(effectS))]),
    ...(passed ? [service('kept', { stations, sessions })] : []),
  ].join(', ')
}
