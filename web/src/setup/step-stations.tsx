/** Whoever knocks is listed as it comes, also who is refused and why; "this one" gives it a place. */
import { useEffect, useState } from 'preact/hooks'
import type { LearnerView, RefusedStationView } from '../../../src/core/view/document.js'
import type { PageInNetwork } from '../../../src/ports.js'
import { openLearning } from '../api.js'
import { read } from '../ask.js'
import { type ConfigurationCheck, loadConfigChoices, type Taken } from '../config-api.js'
import { when } from '../words/numbers.js'
import { refusals } from '../words/refusals.js'
import { setup } from '../words/setup.js'
import { list } from './draft.js'
import { Amps, Choice, Field, Judged, judge, Outcome, writeConfig } from './parts.js'
import type { StepProps } from './wizard.js'

const JUDGE_AFTER_MS = 400

export interface Place {
  readonly device: string
  readonly circuit: string
  readonly connectorIds: readonly number[]
  readonly phases: string
  readonly phaseRotation: string
  readonly maxCurrentA: number | undefined
  readonly failSafeCurrentA: number | undefined
}

export function StepStations({ site, draft }: StepProps) {
  const [chosen, setChosen] = useState<string>()
  const [last, setLast] = useState<Place>()
  const { learning, refusedStations, stations } = site
  const address = `ws://${useOwnHost()}:${draft.ocppPort ?? 9000}/ocpp/`
  const placed = new Set(stations.map(({ id }) => id))
  const isIn = (id = '') => stations.some(station => station.id === id && station.connected)
  const isLearner = (id = '') => learning.stations.some(station => station.id === id)
  // Refused once and in since is no news.
  const refused = refusedStations.filter(({ stationId }) => !isIn(stationId) && !isLearner(stationId))
  const open = (station: Knocker) => (
    <PlaceForm
      key={station.id}
      station={station}
      circuits={draft.circuits.map(({ id }) => id)}
      last={last}
      onDone={place => {
        if (place !== undefined) setLast(place)
        setChosen(undefined)
      }}
    />
  )
  return (
    <>
      <p>{setup('point', { address })}</p>
      <p>
        <button
          type="button"
          class="action"
          onClick={() => openLearning(true)}
          disabled={learning.until !== undefined}
          data-testid="let-in"
        >
          {setup('letIn')}
        </button>{' '}
        <span class="muted" role="status">
          {learning.until === undefined
            ? setup('letInWhy')
            : setup('isLetIn', { time: when(learning.until, 'minute') })}
        </span>
      </p>
      <ul class="setup-list">
        {learning.stations.map(learner => (
          <li key={learner.id} data-testid="knocker" data-station={learner.id}>
            <Learner learner={learner} />
            {chosen === learner.id ? (
              open({ id: learner.id, boot: learner.boot, connectorIds: idsOf(learner) })
            ) : (
              <button type="button" class="action" onClick={() => setChosen(learner.id)}>
                {setup('thisOne')}
              </button>
            )}
          </li>
        ))}
        {refused.map(one => (
          <li key={`${one.stationId} ${one.path} ${one.reason}`} data-testid="refused-knocker">
            <Refused one={one} />
            {one.stationId !== undefined &&
              !placed.has(one.stationId) &&
              (chosen === one.stationId ? (
                open({ id: one.stationId, connectorIds: [1] })
              ) : (
                <button type="button" class="action" onClick={() => setChosen(one.stationId)}>
                  {setup('thisOne')}
                </button>
              ))}
          </li>
        ))}
        {stations.map(({ id, circuitId, connected, boot }) => (
          <li key={id} data-testid="placed-station" data-station={id} data-connected={connected}>
            <span>
              <b>{id}</b> {setup('inIt')}: {circuitId}, {setup(connected ? 'connected' : 'notConnected')}{' '}
              <span class="muted">{boot !== undefined && `${boot.vendor} ${boot.model}`}</span>
            </span>
          </li>
        ))}
        {learning.stations.length + refused.length + stations.length === 0 && <li>{setup('nobody')}</li>}
      </ul>
    </>
  )
}

/** As the page was asked for; stations look up no name in .local, so the address there in its place. */
function useOwnHost(): string {
  const [host, setHost] = useState(location.hostname)
  useEffect(() => {
    if (!location.hostname.endsWith('.local')) return
    read<{ networks: readonly PageInNetwork[] }>('announcement').then(found => {
      const all = found?.networks ?? []
      const asked = all.find(({ hostNames }) => hostNames.includes(location.hostname)) ?? all[0]
      if (asked !== undefined) setHost(asked.address)
    })
  }, [])
  return host
}

function Learner({ learner: { id, remote, boot, connectors } }: { learner: LearnerView }) {
  const what =
    boot === undefined
      ? setup('notSaid')
      : [boot.vendor, boot.model, boot.serialNumber && setup('serial', { number: boot.serialNumber })]
          .filter(Boolean)
          .join(', ')
  const count = connectors.filter(({ id: number }) => number > 0).length
  return (
    <span>
      <b>{id}</b> {what}, {setup('connectors', { count })} <span class="muted">{remote}</span>
    </span>
  )
}

function Refused({ one: { stationId, path, reason, remote } }: { one: RefusedStationView }) {
  return (
    <span>
      <b>{stationId ?? (path === '' ? remote : path)}</b> <span class="fault-text">{refusals(reason)}</span>{' '}
      <span class="muted">{remote}</span>
    </span>
  )
}

function idsOf({ connectors }: LearnerView): readonly number[] {
  const ids = connectors.map(({ id }) => id).filter(id => id > 0)
  return ids.length === 0 ? [1] : ids
}

interface Knocker {
  readonly id: string
  readonly boot?: LearnerView['boot'] | undefined
  readonly connectorIds: readonly number[]
}

interface PlaceFormProps {
  readonly station: Knocker
  readonly circuits: readonly string[]
  /** What was given to the one before: the next is mostly alike, but for its wiring. */
  readonly last: Place | undefined
  onDone(place?: Place): void
}

function PlaceForm({ station, circuits, last, onDone }: PlaceFormProps) {
  const [models, setModels] = useState<readonly string[]>([])
  const [place, setPlace] = useState<Place>({
    device: '',
    circuit: last?.circuit ?? circuits.at(-1) ?? '',
    connectorIds: station.connectorIds,
    phases: last?.phases ?? 'L1L2L3',
    phaseRotation: 'Unknown',
    maxCurrentA: last?.maxCurrentA,
    failSafeCurrentA: last?.failSafeCurrentA,
  })
  const [check, setCheck] = useState<ConfigurationCheck>()
  const [taken, setTaken] = useState<Taken>()
  const set = (change: Partial<Place>) => setPlace(old => ({ ...old, ...change }))
  useEffect(() => {
    loadConfigChoices().then(({ stationModels = [] }) => {
      setModels(stationModels)
      setPlace(old => ({ ...old, device: old.device || modelFor(station.boot, stationModels) }))
    })
  }, [station.boot])
  const missing = [
    ...(place.device === '' ? (['model'] as const) : []),
    ...(place.maxCurrentA === undefined ? (['maxA'] as const) : []),
    ...(place.failSafeCurrentA === undefined ? (['failSafe'] as const) : []),
  ]
  const isWhole = missing.length === 0
  const key = JSON.stringify(place)
  useEffect(() => {
    if (!isWhole) return undefined
    let isWanted = true
    const timer = window.setTimeout(async () => {
      const found = await judge(base => withStation(base, station.id, JSON.parse(key)))
      if (isWanted) setCheck(found)
    }, JUDGE_AFTER_MS)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [key, isWhole, station.id])
  const put = async (event: Event) => {
    event.preventDefault()
    const outcome = await writeConfig(base => withStation(base, station.id, place))
    setTaken(outcome)
    if (outcome.kind !== 'faulty' && outcome.kind !== 'refused' && outcome.kind !== 'changed-meanwhile')
      onDone(place)
  }
  const id = (name: string) => `place-${station.id}-${name}`
  return (
    <form class="setup-part" onSubmit={put} data-testid="place-form">
      <div class="fields">
        <Field id={id('circuit')} label={setup('circuit')}>
          <Choice
            id={id('circuit')}
            value={place.circuit}
            choices={circuits.map(one => [one, one])}
            onValue={circuit => set({ circuit })}
          />
        </Field>
        <Field id={id('device')} label={setup('model')}>
          <Choice
            id={id('device')}
            value={place.device}
            choices={models.map(one => [one, one])}
            onValue={device => set({ device })}
          />
        </Field>
        <Field id={id('phases')} label={setup('phases')}>
          <Choice
            id={id('phases')}
            value={place.phases}
            choices={[
              ['L1L2L3', setup('threePhases')],
              ...['L1', 'L2', 'L3'].map(one => [one, one] as const),
            ]}
            onValue={phases => set({ phases, ...(phases !== 'L1L2L3' && { phaseRotation: 'Unknown' }) })}
          />
        </Field>
        {place.phases === 'L1L2L3' && (
          <Field id={id('rotation')} label={setup('rotation')} help={setup('rotationHelp')}>
            <Choice
              id={id('rotation')}
              value={place.phaseRotation}
              choices={[
                ['Unknown', setup('rotationUnknown')],
                ...['RST', 'STR', 'TRS', 'RTS', 'SRT', 'TSR'].map(one => [one, one] as const),
              ]}
              onValue={phaseRotation => set({ phaseRotation })}
            />
          </Field>
        )}
        <Field id={id('max')} label={setup('maxA')}>
          <Amps id={id('max')} value={place.maxCurrentA} onValue={maxCurrentA => set({ maxCurrentA })} />
        </Field>
        <Field id={id('fail-safe')} label={setup('failSafeA')} help={setup('failSafeHelp')}>
          <Amps
            id={id('fail-safe')}
            value={place.failSafeCurrentA}
            onValue={failSafeCurrentA => set({ failSafeCurrentA })}
          />
        </Field>
      </div>
      {isWhole && <Judged check={check} />}
      <Outcome taken={taken} />
      <p>
        {!isWhole && (
          <span class="muted" data-testid="place-missing">
            {setup('missing', { what: missing.map(word => setup(word)).join(', ') })}{' '}
          </span>
        )}
        <button type="submit" class="action primary" disabled={!isWhole || (check?.faults.length ?? 0) > 0}>
          {setup('putIn')}
        </button>{' '}
        <button type="button" class="action" onClick={() => onDone()}>
          {setup('cancel')}
        </button>
      </p>
    </form>
  )
}

/** The model file whose name begins with its vendor, else the careful one for any station. */
function modelFor(boot: Knocker['boot'], models: readonly string[]): string {
  const vendor = boot?.vendor.toLowerCase().split(/[^a-z0-9]/)[0] ?? ''
  const found = vendor === '' ? undefined : models.find(model => model.startsWith(`${vendor}-`))
  return found ?? models.find(model => model === 'generic') ?? ''
}

export function withStation(base: unknown, id: string, place: Place): object {
  const { connectorIds, device, circuit, phases, phaseRotation, maxCurrentA, failSafeCurrentA } = place
  const connectors = connectorIds.map(connectorId => ({
    ...{ id: connectorId, phases },
    ...(phases === 'L1L2L3' && { phaseRotation }),
    ...{ maxCurrentA, failSafeCurrentA },
  }))
  const others = list(base, 'stations').filter(station => station.id !== id)
  return { ...Object(base), stations: [...others, { id, device, circuit, connectors }] }
}
