/** The meters: found or given by their address, read live, and compared with a clamp meter by whoever stands there. */
import { useEffect, useState } from 'preact/hooks'
import { read } from '../ask.js'
import { loadConfigChoices } from '../config-api.js'
import { decimals } from '../words/numbers.js'
import { setup } from '../words/setup.js'
import type { Draft, DraftMeter, Phases } from './draft.js'
import { Amps, Choice, Field } from './parts.js'
import { type FoundUnit, readMeter, type Shown, scanMeters } from './setup-api.js'
import type { StepProps } from './wizard.js'

/** Below this nobody can tell a direction. */
const LEAST_A = 0.5
const READ_EVERY_MS = 2_000
const PHASES = ['L1', 'L2', 'L3'] as const

export function StepMeters({ draft, onDraft }: StepProps) {
  const add = (found: Pick<DraftMeter, 'device' | 'unitId' | 'connection'>) => {
    const free = draft.circuits.find(({ id }) => !draft.meters.some(({ circuit }) => circuit === id))
    const names = new Set(draft.meters.map(({ id }) => id))
    let id = free?.id ?? 'meter'
    for (let number = 2; names.has(id); number++) id = `meter-${number}`
    onDraft({
      ...draft,
      noMeter: undefined,
      meters: [...draft.meters, { id, circuit: free?.id ?? '', ...found }],
    })
  }
  return (
    <>
      <p>{setup('metersWhy')}</p>
      {draft.meters.map((meter, at) => (
        <Known
          key={meter.id}
          meter={meter}
          draft={draft}
          onMeter={change =>
            onDraft({
              ...draft,
              meters: draft.meters.map((other, index) => (index === at ? { ...other, ...change } : other)),
            })
          }
          onRemove={() => onDraft({ ...draft, meters: draft.meters.filter(other => other !== meter) })}
        />
      ))}
      <Search onFound={add} />
      <ByAddress onFound={add} />
    </>
  )
}

type OnFound = (found: Pick<DraftMeter, 'device' | 'unitId' | 'connection'>) => void

function Search({ onFound }: { onFound: OnFound }) {
  const [host, setHost] = useState('')
  const [unitIds, setUnitIds] = useState('1-5')
  const [state, setState] = useState<'searching' | string | readonly FoundUnit[]>()
  const search = async (event: Event) => {
    event.preventDefault()
    setState('searching')
    setState(await scanMeters(host.trim(), unitIds.trim()))
  }
  const models =
    typeof state === 'object' ? state.flatMap(unit => unit.models.map(model => ({ unit, model }))) : []
  const isAlike = typeof state === 'object' && state.some(unit => unit.models.length > 1)
  return (
    <form class="setup-part" onSubmit={search}>
      <div class="fields">
        <Field id="scan-host" label={setup('address')} help={setup('searchWhere')}>
          <input
            id="scan-host"
            value={host}
            placeholder="10.0.0.20"
            onInput={({ currentTarget }) => setHost(currentTarget.value)}
          />
        </Field>
        <Field id="scan-units" label={setup('searchUnits')} help={setup('searchUnitsHelp')}>
          <input
            id="scan-units"
            value={unitIds}
            onInput={({ currentTarget }) => setUnitIds(currentTarget.value)}
          />
        </Field>
      </div>
      <p>
        <button type="submit" class="action" disabled={state === 'searching'} data-testid="scan">
          {setup('search')}
        </button>{' '}
        <span role="status">
          {state === 'searching'
            ? setup('searching')
            : typeof state === 'string'
              ? state || setup('notSaved')
              : state !== undefined && models.length === 0 && setup('nothingFound')}
        </span>
      </p>
      {isAlike && <p data-testid="read-alike">{setup('readAlike')}</p>}
      <ul class="setup-list">
        {models.map(({ unit, model }) => (
          <li key={`${unit.where} ${unit.unitId} ${model.device}`} data-testid="found-meter">
            <span>
              <b>
                {model.manufacturer} {model.model}
              </b>{' '}
              <span class="muted">
                {unit.where}, {setup('unitId')} {unit.unitId}, {model.values.currentA?.map(amps).join(' / ')}{' '}
                A
              </span>
            </span>
            <button
              type="button"
              class="action"
              onClick={() => {
                onFound({ device: model.device, unitId: unit.unitId, connection: unit.connection })
                setState(undefined)
              }}
            >
              {setup('takeMeter')}
            </button>
          </li>
        ))}
      </ul>
    </form>
  )
}

function ByAddress({ onFound }: { onFound: OnFound }) {
  const [devices, setDevices] = useState<readonly string[]>([])
  const [device, setDevice] = useState('')
  const [host, setHost] = useState('')
  const [port, setPort] = useState<number | undefined>(502)
  const [unitId, setUnitId] = useState<number | undefined>(1)
  useEffect(() => {
    loadConfigChoices().then(({ meterDevices = [] }) => {
      setDevices(meterDevices)
      setDevice(meterDevices[0] ?? '')
    })
  }, [])
  const isWhole = device !== '' && host !== '' && port !== undefined && unitId !== undefined
  return (
    <details class="setup-part">
      <summary>{setup('byAddress')}</summary>
      <div class="fields">
        <Field id="meter-device" label={setup('model')}>
          <Choice
            id="meter-device"
            value={device}
            choices={devices.map(one => [one, one])}
            onValue={setDevice}
          />
        </Field>
        <Field id="meter-host" label={setup('address')}>
          <input
            id="meter-host"
            value={host}
            onInput={({ currentTarget }) => setHost(currentTarget.value.trim())}
          />
        </Field>
        <Field id="meter-port" label={setup('port')}>
          <Amps id="meter-port" value={port} onValue={setPort} />
        </Field>
        <Field id="meter-unit" label={setup('unitId')}>
          <Amps id="meter-unit" value={unitId} onValue={setUnitId} />
        </Field>
      </div>
      <button
        type="button"
        class="action"
        disabled={!isWhole}
        onClick={() =>
          unitId !== undefined && onFound({ device, unitId, connection: { kind: 'tcp', host, port } })
        }
      >
        {setup('addMeter')}
      </button>
    </details>
  )
}

interface KnownProps {
  readonly meter: DraftMeter
  readonly draft: Draft
  onMeter(change: Partial<DraftMeter>): void
  onRemove(): void
}

function Known({ meter, draft, onMeter, onRemove }: KnownProps) {
  const { id, device, unitId, connection, circuit, invert } = meter
  const shown = useLive(meter)
  const currents = shown?.currentA
  const isFlowing = currents?.some(one => Math.abs(one) >= LEAST_A) === true
  // Turned, it is asked again.
  const turn = (isPositive: boolean) =>
    onMeter(
      isPositive
        ? { importPositive: true }
        : { importPositive: undefined, invert: invert === true ? undefined : true },
    )
  return (
    <fieldset class="setup-part" data-testid="setup-meter">
      <legend>{id}</legend>
      <p class="muted">
        {device}, {setup('unitId')} {unitId}, {Object.values(connection).slice(1).join(':')}
      </p>
      <div class="fields">
        <Field id={`measures-${id}`} label={setup('measures')}>
          <Choice
            id={`measures-${id}`}
            value={circuit}
            choices={draft.circuits.map(one => [one.id, one.id])}
            onValue={to => onMeter({ circuit: to })}
          />
        </Field>
      </div>
      {currents === undefined ? (
        <p role="status">{shown?.fault ?? setup('reading')}</p>
      ) : (
        <table class="setup-table" data-testid="live-values">
          <thead>
            <tr>
              <th scope="col" />
              <th scope="col">A</th>
              <th scope="col">V</th>
              <th scope="col">W</th>
            </tr>
          </thead>
          <tbody>
            {PHASES.map((phase, index) => (
              <tr key={phase}>
                <th scope="row">{phase}</th>
                <td>{amps(currents[index] ?? 0)}</td>
                <td>{shown?.voltageV === undefined ? '' : amps(shown.voltageV[index] ?? 0)}</td>
                <td>{shown?.powerW === undefined ? '' : Math.round(shown.powerW[index] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {currents !== undefined && !isFlowing && <p class="setup-said">{setup('nothingFlows')}</p>}
      <Question
        text={setup('importPositive')}
        answer={meter.importPositive}
        isReady={isFlowing}
        onAnswer={turn}
      />
      {invert === true && <p class="setup-said">{setup('isInverted')}</p>}
      <div class="fields">
        {PHASES.map((phase, index) => (
          <Field key={phase} id={`clamp-${id}-${phase}`} label={setup('clamp', { phase })}>
            <Amps
              id={`clamp-${id}-${phase}`}
              value={meter.clampA?.[index]}
              onValue={value => onMeter({ clampA: withPhase(meter.clampA, index, value) })}
            />
          </Field>
        ))}
      </div>
      <Question
        text={setup('matches')}
        answer={meter.matches}
        isReady={isFlowing}
        onAnswer={matches => onMeter({ matches, shownA: currents })}
      />
      {meter.matches === false && <p class="fault-text">{setup('noMatch')}</p>}
      <button type="button" class="action" onClick={onRemove}>
        {setup('removeMeter', { meter: id })}
      </button>
    </fieldset>
  )
}

interface QuestionProps {
  readonly text: string
  readonly answer: boolean | undefined
  readonly isReady: boolean
  onAnswer(answer: boolean): void
}

function Question({ text, answer, isReady, onAnswer }: QuestionProps) {
  return (
    <fieldset class="setup-question">
      <legend>{text}</legend>
      {([true, false] as const).map(one => (
        <button
          key={String(one)}
          type="button"
          class="action"
          disabled={!isReady}
          aria-pressed={answer === one}
          onClick={() => onAnswer(one)}
        >
          {setup(one ? 'yes' : 'no')}
        </button>
      ))}
    </fieldset>
  )
}

/** What it says now: read once each 2 s, or as the running Busbar has it. */
function useLive({ id, device, unitId, connection, invert }: DraftMeter): Shown | undefined {
  const [shown, setShown] = useState<Shown>()
  const where = JSON.stringify({ device, unitId, connection, ...(invert === true && { invert }) })
  useEffect(() => {
    let isWanted = true
    let timer = 0
    const look = async () => {
      const found = await readMeter(JSON.parse(where))
      const told = found === 'in use' ? await runningValues(id) : found
      if (!isWanted) return
      setShown(told)
      timer = window.setTimeout(look, READ_EVERY_MS)
    }
    look()
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [where, id])
  return shown
}

async function runningValues(id: string): Promise<Shown | undefined> {
  const found = await read<{
    readonly phases: readonly { readonly currentA?: number; readonly voltageV?: number }[]
    readonly fault?: string
  }>(`meters/${encodeURIComponent(id)}/values`)
  if (found === undefined) return undefined
  const [l1, l2, l3] = found.phases
  if (l1?.currentA === undefined || l2?.currentA === undefined || l3?.currentA === undefined)
    return { ...(found.fault !== undefined && { fault: found.fault }) }
  return { currentA: [l1.currentA, l2.currentA, l3.currentA] }
}

function withPhase(old: Phases | undefined, at: number, value: number | undefined): Phases {
  const next = (index: number) => (index === at ? value : old?.[index])
  return [next(0), next(1), next(2)]
}

const amps = (value: number) => decimals(value, 1)
