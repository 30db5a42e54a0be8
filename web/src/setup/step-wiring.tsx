/** Per station: its car is stopped and goes on, and the meters say how it hangs. What is wrong is named, and set on request. */
import { useEffect, useState } from 'preact/hooks'
import type { StationView } from '../../../src/core/view/document.js'
import type { Taken } from '../config-api.js'
import { number, when } from '../words/numbers.js'
import { service } from '../words/service.js'
import { list } from './draft.js'
import { Outcome, writeConfig } from './parts.js'
import { loadWiring, runWiring, type StationWiringView } from './setup-api.js'
import type { StepProps } from './wizard.js'

const LOOK_EVERY_MS = 1_000

export function StepWiring({ site, view, onView }: StepProps) {
  const [testing, setTesting] = useState<string>()
  return (
    <>
      <p>{service('wiringWhy')}</p>
      {site.stations.length === 0 && <p>{service('noStations')}</p>}
      <ul class="setup-list">
        {site.stations.map(station => (
          <li key={station.id} data-testid="wiring-station" data-station={station.id}>
            {testing === station.id ? (
              <Test
                station={station}
                onEnd={() => {
                  // The next one may have been begun meanwhile.
                  setTesting(now => (now === station.id ? undefined : now))
                  onView()
                }}
              />
            ) : (
              <Kept
                id={station.id}
                kept={view.wiring.find(({ stationId }) => stationId === station.id)}
                onTest={async () => {
                  await runWiring(station.id, true)
                  setTesting(station.id)
                }}
              />
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

interface KeptProps {
  readonly id: string
  readonly kept: (StationWiringView & { readonly at: string }) | undefined
  onTest(): void
}

function Kept({ id, kept, onTest }: KeptProps) {
  return (
    <>
      <span>
        <b>{id}</b>{' '}
        <span class={kept !== undefined && kept.faults.length > 0 ? 'fault-text' : 'muted'}>
          {kept === undefined
            ? service('untested')
            : `${wiringTexts(kept).join(' ')} ${when(kept.at, 'moment')}`}
        </span>
      </span>
      <button type="button" class="action" onClick={onTest}>
        {service(kept === undefined ? 'test' : 'again')}
      </button>
    </>
  )
}

/** Busbar leads it: whoever stands there looks on. */
function Test({ station, onEnd }: { station: StationView; onEnd(): void }) {
  const [found, setFound] = useState<StationWiringView>()
  const [taken, setTaken] = useState<Taken>()
  const { id } = station
  useEffect(() => {
    let isWanted = true
    let timer = 0
    const look = async () => {
      const next = await loadWiring(id)
      if (!isWanted) return
      if (next !== undefined) setFound(next)
      timer = window.setTimeout(look, LOOK_EVERY_MS)
    }
    look()
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [id])
  const drawsA = station.connectors.flatMap(({ measuredA = [] }) => measuredA)
  const isJudged = found?.finding === 'judged'
  const isCharging = station.connectors.some(({ transaction }) => transaction !== undefined)
  const end = async () => {
    await runWiring(id, false)
    onEnd()
  }
  const again = async () => {
    setFound(await runWiring(id, true))
  }
  const change = async (write: (base: unknown) => object) => {
    const outcome = await writeConfig(write)
    setTaken(outcome)
    // The meters begin anew with another configuration, and the test with them.
    await runWiring(id, true)
  }
  return (
    <section class="setup-part" aria-label={`${service('test')} ${id}`} data-testid="wiring-test">
      <h3>{id}</h3>
      {found !== undefined && found.finding !== 'judged' && (
        <p role="status" data-testid="wiring-stage" data-stage={found.stage}>
          {stageText(found)}
        </p>
      )}
      {isCharging && drawsA.length > 0 && (
        <p class="muted" data-testid="draws-now">
          {service('drawsNow', { amps: drawsA.map(amps => number(amps)).join(' / ') })}
        </p>
      )}
      {found !== undefined && (
        <div role="status" data-testid="wiring-finding" data-finding={found.finding}>
          {wiringTexts(found).map((text, at) => (
            <p key={text} class={at < found.faults.length ? 'fault-text' : ''}>
              {text}
            </p>
          ))}
          <Steps steps={found.steps} />
          <Mend found={found} onChange={change} />
        </div>
      )}
      <Outcome taken={taken} />
      <p>
        <button type="button" class="action" onClick={end} data-testid="end-wiring">
          {service(isJudged ? 'keep' : 'giveUp')}
        </button>{' '}
        {(isJudged || (found?.finding === 'unclear' && !isLed(found)) || isAtEnd(found)) && (
          <button type="button" class="action" onClick={again} data-testid="wiring-again">
            {service('again')}
          </button>
        )}
      </p>
    </section>
  )
}

/** More steps come by themselves. */
const isLed = ({ stage }: StationWiringView): boolean =>
  stage === 'settles' || stage === 'lowered' || stage === 'raised' || stage === 'waits'

/** Nothing more is done by itself. */
const isAtEnd = (found: StationWiringView | undefined): boolean =>
  found?.stage === 'no-room' || found?.stage === 'lost' || found?.stage === 'no-amps'

/** What Busbar does now, and what is waited for. */
function stageText({ stage, toldA = 0, waitsFor = '' }: StationWiringView): string {
  if (stage === undefined || stage === 'over' || stage === 'ignored') return ''
  if (stage === 'lowered') return service('stage lowered', { amps: number(toldA) })
  if (stage === 'waits') return service('stage waits', { station: waitsFor })
  return service(`stage ${stage}`)
}

export function Steps({ steps }: Pick<StationWiringView, 'steps'>) {
  if (steps.length === 0) return null
  return (
    <table class="setup-table">
      <thead>
        <tr>
          <th scope="col">{service('stepNumber')}</th>
          <th scope="col">{service('stationSays')}</th>
          <th scope="col">{service('meterShows')}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ stationA, meterA }, at) => (
          <tr key={at}>
            <th scope="row">{at + 1}</th>
            <td>{stationA.map(amps => number(amps)).join(' / ')}</td>
            <td>{meterA.map(amps => number(amps)).join(' / ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface MendProps {
  readonly found: StationWiringView
  onChange(write: (base: unknown) => object): void
}

/** What a setting can mend is one touch away; nothing is set by itself. */
function Mend({ found: { stationId, meterId = '', faults, meterProven }, onChange }: MendProps) {
  const button = (text: string, write: (base: unknown) => object) => (
    <button key={text} type="button" class="action" onClick={() => onChange(write)}>
      {text}
    </button>
  )
  const meter = (change: object) => (base: unknown) => withMember(base, 'meters', meterId, change)
  return (
    <p class="setup-mend">
      {faults.flatMap(fault => {
        if (fault.kind === 'inverted')
          return [button(service('setInvert', { meter: meterId }), meter({ invert: fault.invert }))]
        if (fault.kind === 'factor')
          return [
            button(
              service('setRatio', { ratio: fault.ctRatio, meter: meterId }),
              meter({ ctRatio: fault.ctRatio }),
            ),
          ]
        if (fault.kind === 'first-phase')
          return ROTATIONS[fault.phase]
            .split(' / ')
            .map(rotation =>
              button(service('setRotation', { rotation }), base => withRotation(base, stationId, rotation)),
            )
        if (fault.kind !== 'order') return []
        return [
          ...fault.phaseRotations.map(rotation =>
            button(service('setRotation', { rotation }), base => withRotation(base, stationId, rotation)),
          ),
          ...(meterProven ? [] : fault.phaseMaps).map(phaseMap =>
            button(service('setMap', { map: phaseMap }), meter({ phaseMap })),
          ),
        ]
      })}
    </p>
  )
}

function withMember(base: unknown, key: string, id: string, change: object): object {
  const members = list(base, key).map(member => (member.id === id ? { ...member, ...change } : member))
  return { ...Object(base), [key]: members }
}

function withRotation(base: unknown, stationId: string, phaseRotation: string): object {
  const station = list(base, 'stations').find(({ id }) => id === stationId)
  const connectors = list(station, 'connectors').map(connector =>
    connector.phases === 'L1L2L3' ? { ...connector, phaseRotation } : connector,
  )
  return withMember(base, 'stations', stationId, { connectors })
}

const ROTATIONS = { L1: 'RST / RTS', L2: 'STR / SRT', L3: 'TRS / TSR' } as const

/** What a wiring test says, in sentences. */
export function wiringTexts(found: StationWiringView): readonly string[] {
  const { finding, meterId = '', disturbed, unread, late, steps, orderUnknown, unseen } = found
  const also = [
    ...(disturbed > 0 ? [service('disturbed', { count: disturbed })] : []),
    ...(unread > 0 ? [service('unread', { count: unread })] : []),
    ...(late > 0 ? [service('toldLate', { count: late })] : []),
  ]
  if (finding === 'no-meter') return [service('noMeter')]
  if (finding === 'not-running') return [service('notRunning')]
  if (finding === 'waiting') return [service('waiting', { count: steps.length }), ...also]
  if (finding === 'unclear') return [...(isLed(found) ? [] : [service('unclear')]), ...also]
  const faults = found.faults.map(fault => faultText(fault, found))
  const own = faults.length === 0 ? [service('right', { meter: meterId })] : faults
  if (unseen.length === 2) return [...own, service('onePhase')]
  return [
    ...own,
    ...(orderUnknown ? [service('orderUnknown')] : []),
    ...(unseen.length > 0 ? [service('unseen', { phases: unseen.join(', ') })] : []),
  ]
}

function faultText(fault: StationWiringView['faults'][number], found: StationWiringView): string {
  const own = found.meterId ?? ''
  switch (fault.kind) {
    case 'other-feeder':
      return service('otherFeeder', { meter: fault.meterId, own })
    case 'not-seen':
      return service('notSeen', { own })
    case 'order': {
      const rotation = fault.phaseRotations.join(' / ')
      const map = fault.phaseMaps.join(' / ')
      return found.meterProven
        ? service('orderStation', { rotation })
        : service('orderEither', { rotation, map })
    }
    case 'first-phase':
      return service('firstPhase', { phase: fault.phase, rotations: ROTATIONS[fault.phase] })
    case 'reversed':
      return service('reversed', { phases: fault.phases.join(', ') })
    case 'inverted':
      return service('inverted')
    case 'factor':
      return service('factor', { share: fault.share })
    case 'not-followed':
      return service('notFollowed', { told: number(fault.toldA), drawn: number(fault.drawnA) })
  }
}
