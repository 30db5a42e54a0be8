/** The commissioning report: every number, who and when, one page per circuit; to print, or to keep as a file. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SiteView } from '../../../src/core/view/document.js'
import { loadMe } from '../account-api.js'
import { type ConfigurationCheck, checkConfig, loadConfig } from '../config-api.js'
import { saidText } from '../words/from-core.js'
import { number, when } from '../words/numbers.js'
import { service } from '../words/service.js'
import { list, numberOf, objectOf, parsed, text } from './draft.js'
import type { SetupView } from './setup-api.js'
import { drillName, drillsOf, drillText, lastOf } from './step-drill.js'
import { Steps, wiringTexts } from './step-wiring.js'
import type { StepProps } from './wizard.js'

/** Read inside the file, which has no style sheet beside it. */
const FILE_STYLE =
  'body{font:14px system-ui;max-width:190mm;margin:10mm auto}table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:3px 6px;text-align:left}.report-page{break-after:page}'

export function StepReport({ site, draft, view, onFinish }: StepProps) {
  const [document, setDocument] = useState<unknown>()
  const [check, setCheck] = useState<ConfigurationCheck>()
  const [by, setBy] = useState('')
  const paper = useRef<HTMLElement>(null)
  useEffect(() => {
    loadMe().then(me => setBy(me?.name ?? ''))
    loadConfig().then(async found => {
      setDocument(parsed(found?.text))
      const judged = found?.text === undefined ? undefined : await checkConfig(found.text)
      setCheck(judged === 'forbidden' ? undefined : judged)
    })
  }, [])
  const open = openPoints(site, { draft, view, check })
  const circuits = check?.proof?.circuits ?? []
  return (
    <>
      <p class="no-print">
        <button type="button" class="action primary" onClick={() => window.print()}>
          {service('print')}
        </button>{' '}
        <button type="button" class="action" onClick={() => download(paper.current, site.siteId)}>
          {service('download')}
        </button>{' '}
        <button type="button" class="action" onClick={onFinish} data-testid="finish">
          {service('finish')}
        </button>
      </p>
      <article class="report" ref={paper} data-testid="report">
        <section class="report-page">
          <h2>
            {service('report')}: {site.siteId}
          </h2>
          <p>
            {service('reportBy')} {by}, {service('reportAt')} {there(new Date(), draft)} ({draft.timeZone}).{' '}
            {site.csms.url === undefined
              ? service('noCsms')
              : `CSMS ${site.csms.url}, ${service(site.csms.state === 'connected' ? 'csmsConnected' : 'csmsAway')}`}
          </p>
          <h3>{service('open')}</h3>
          <ul data-testid="open-points">
            {open.length === 0 && <li>{service('noneOpen')}</li>}
            {open.map(point => (
              <li key={point}>{point}</li>
            ))}
          </ul>
          <h3>{service('drills')}</h3>
          <table class="setup-table">
            <Head words={['item', 'outcome', 'who', 'when']} />
            <tbody>
              {drillsOf(site).map(what => {
                const last = lastOf(view, what)
                return (
                  <tr key={`${what.kind} ${what.about}`}>
                    <th scope="row">{drillName(what)}</th>
                    <td>{last === undefined ? service('notDone') : drillText(last)}</td>
                    <td>{last?.by}</td>
                    <td>{last === undefined ? '' : there(last.at, draft)}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
          <p class="signature">{service('signature')}</p>
        </section>
        {circuits.map(proof => (
          <CircuitPage key={proof.circuitId} proof={proof} given={{ site, draft, view, document }} />
        ))}
      </article>
    </>
  )
}

type CircuitProof = NonNullable<ConfigurationCheck['proof']>['circuits'][number]

interface Given extends Pick<StepProps, 'site' | 'draft' | 'view'> {
  readonly document: unknown
}

function CircuitPage({ proof, given }: { proof: CircuitProof; given: Given }) {
  const { site, draft, view, document } = given
  const { circuitId, failSafeA, worstOtherLoadA, limitA, holds } = proof
  const circuit = list(document, 'circuits').find(({ id }) => id === circuitId)
  const meter = list(document, 'meters').find(({ id }) => id === circuit?.meter)
  const compared = draft.meters.find(({ id }) => id === meter?.id)
  const stations = site.stations.filter(station => station.circuitId === circuitId)
  const row = (label: string, value: string) => (
    <tr key={label}>
      <th scope="row">{label}</th>
      <td>{value}</td>
    </tr>
  )
  return (
    <section class="report-page" data-testid="report-circuit">
      <h2>{service('circuit', { id: circuitId })}</h2>
      <table class="setup-table">
        <Head words={['item', 'value']} />
        <tbody>
          {row(service('rated'), `${number(numberOf(circuit?.ratedCurrentA) ?? 0)} A`)}
          {row(service('limit'), `${number(limitA)} A`)}
          {row(service('other'), `${number(worstOtherLoadA)} A`)}
          {row(service('failSafes'), `${number(failSafeA)} A`)}
          {row(
            service('proof'),
            `${number(failSafeA)} + ${number(worstOtherLoadA)} ${holds ? '≤' : '>'} ${number(limitA)} A`,
          )}
          {meter !== undefined &&
            row(
              service('meter'),
              `${text(meter.id)}, ${text(meter.device)}, ${service('unit', { id: numberOf(meter.unitId) ?? '?' })}, ${lineText(meter.connection)}`,
            )}
          {meter?.invert === true && row('invert', 'true')}
          {meter?.phaseMap !== undefined && row('phaseMap', text(meter.phaseMap))}
          {meter?.ctRatio !== undefined && row('ctRatio', String(meter.ctRatio))}
          {compared?.shownA !== undefined && row(service('shown'), compared.shownA.map(ampsText).join(' / '))}
          {compared?.clampA !== undefined && row(service('clamp'), compared.clampA.map(ampsText).join(' / '))}
        </tbody>
      </table>
      {stations.length > 0 && <Stations stations={stations} view={view} document={document} draft={draft} />}
    </section>
  )
}

/** What nobody has measured is not zero. */
const ampsText = (amps: number | undefined): string => (amps === undefined ? '?' : number(amps))

/** By the clock of the site, whatever that of the browser says. */
const there = (at: string | Date, { timeZone }: Pick<StepProps['draft'], 'timeZone'>): string =>
  when(new Date(new Date(at).toLocaleString('en-US', { timeZone })), 'moment')

/** tcp 10.0.0.20:502, or rtu /dev/ttyUSB0 9600. */
function lineText(connection: unknown): string {
  const { kind, ...rest } = objectOf(connection)
  const { host, port, ...others } = rest
  const address = host === undefined ? [] : [`${host}:${port}`]
  return [kind, ...address, ...Object.values(others)].join(' ')
}

interface StationsProps extends Pick<StepProps, 'draft'> {
  readonly stations: SiteView['stations']
  readonly view: SetupView
  readonly document: unknown
}

function Stations({ stations, view, document, draft }: StationsProps) {
  const rotationOf = (id: string) => {
    const station = list(document, 'stations').find(one => one.id === id)
    return list(station, 'connectors')
      .map(({ phases, phaseRotation }) => (phases === 'L1L2L3' ? text(phaseRotation) : text(phases)))
      .join(', ')
  }
  return (
    <>
      <table class="setup-table">
        <Head words={['station', 'device', 'maxA', 'failSafeA', 'installedA', 'rotation']} />
        <tbody>
          {stations.map(({ id, device, boot, connectors }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td>
                {device}
                {boot !== undefined &&
                  `, ${[boot.vendor, boot.model, boot.serialNumber, boot.firmware].filter(Boolean).join(' ')}`}
              </td>
              <td>{connectors.map(({ maxCurrentA }) => number(maxCurrentA)).join(', ')}</td>
              <td>{connectors.map(({ failSafeCurrentA }) => number(failSafeCurrentA)).join(', ')}</td>
              <td>
                {connectors
                  .map(({ installedFailSafeA }) =>
                    installedFailSafeA === undefined ? '?' : number(installedFailSafeA),
                  )
                  .join(', ')}
              </td>
              <td>{rotationOf(id)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {stations.map(({ id }) => {
        const kept = view.wiring.find(({ stationId }) => stationId === id)
        return (
          <div key={id} data-testid="report-wiring">
            <h3>
              {service('wiring')} {id}
            </h3>
            <p>
              {kept === undefined
                ? service('untested')
                : `${wiringTexts(kept).join(' ')} ${kept.by}, ${there(kept.at, draft)}`}
            </p>
            {kept !== undefined && <Steps steps={kept.steps} />}
          </div>
        )
      })}
    </>
  )
}

type Word = Extract<
  Parameters<typeof service>[0],
  | 'item'
  | 'value'
  | 'outcome'
  | 'who'
  | 'when'
  | 'station'
  | 'device'
  | 'maxA'
  | 'failSafeA'
  | 'installedA'
  | 'rotation'
>

function Head({ words }: { words: readonly Word[] }) {
  return (
    <thead>
      <tr>
        {words.map(word => (
          <th key={word} scope="col">
            {service(word)}
          </th>
        ))}
      </tr>
    </thead>
  )
}

interface Found extends Pick<StepProps, 'draft' | 'view'> {
  readonly check: ConfigurationCheck | undefined
}

/** What is not done or not right: a report that left it out would say more than was seen. */
function openPoints(site: SiteView, { draft, view, check }: Found): readonly string[] {
  const drills = drillsOf(site).filter(what => lastOf(view, what)?.passed !== true)
  return [
    ...(check?.proof?.circuits ?? [])
      .filter(({ holds }) => !holds)
      .map(({ circuitId }) => service('openProof', { id: circuitId })),
    ...site.meters
      .filter(({ id }) => {
        const meter = draft.meters.find(one => one.id === id)
        return meter?.matches !== true || meter.importPositive !== true
      })
      .map(({ id }) => service('openMeter', { id })),
    ...site.stations.flatMap(({ id }) => {
      const kept = view.wiring.find(({ stationId }) => stationId === id)
      if (kept === undefined) return [service('openWiring', { id })]
      return kept.faults.length > 0 ? [service('openWiringFault', { id })] : []
    }),
    ...drills.map(what => service('openDrill', { what: drillName(what) })),
    ...site.alarms.map(saidText),
  ]
}

function download(paper: HTMLElement | null, siteId: string): void {
  if (paper === null) return
  const title = `${service('report')} ${siteId}`.replaceAll('<', '')
  const head = `<!doctype html><html lang="${document.documentElement.lang}"><meta charset="utf-8"><title>${title}</title><style>${FILE_STYLE}</style>`
  const url = URL.createObjectURL(
    new Blob([`${head}<body>${paper.outerHTML}</body></html>`], { type: 'text/html' }),
  )
  const link = Object.assign(document.createElement('a'), { href: url, download: `${siteId}-report.html` })
  link.click()
  URL.revokeObjectURL(url)
}
