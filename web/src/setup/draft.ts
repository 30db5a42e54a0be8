/**
 * What a person has entered while a site is put into service, and the configuration that follows from it. Kept by Busbar as
 * it is here. A number that nobody has typed is absent, and what is not asked stays as the configuration has it.
 */
import type { CsmsTested } from '../../../src/web/setup-desk.js'
import { numberFrom } from '../forms/document.js'

export interface DraftCircuit {
  readonly id: string
  readonly parent?: string | undefined
  readonly ratedCurrentA?: number | undefined
  readonly worstCaseOtherLoadA?: number | undefined
}

export type Phases = readonly [number | undefined, number | undefined, number | undefined]

export interface DraftMeter {
  readonly id: string
  readonly circuit: string
  readonly device: string
  readonly unitId: number
  readonly connection: Readonly<Record<string, unknown>>
  readonly invert?: boolean | undefined
  /** Answers of the person with the clamp meter, and what both showed then. */
  readonly matches?: boolean | undefined
  readonly importPositive?: boolean | undefined
  readonly clampA?: Phases | undefined
  readonly shownA?: Phases | undefined
}

export interface Draft {
  readonly siteId: string
  readonly timeZone: string
  readonly circuits: readonly DraftCircuit[]
  readonly meters: readonly DraftMeter[]
  /** A decision of its own, so that nobody goes on without a CSMS by leaving a field empty. */
  readonly noCsms?: boolean | undefined
  readonly noMeter?: boolean | undefined
  readonly csmsUrl?: string | undefined
  /** Of the running site. */
  readonly ocppPort?: number | undefined
  readonly csmsTested?: (CsmsTested & { readonly url: string; readonly as: string }) | undefined
}

type Json = Readonly<Record<string, unknown>>

export function startingDraft(timeZone: string): Draft {
  return { siteId: '', timeZone, circuits: [{ id: 'main' }], meters: [] }
}

/** From a site that runs already. */
export function draftOf(document: unknown, timeZone: string): Draft {
  const { site, csms, ocpp } = parts(document)
  const circuits = list(document, 'circuits').map(circuit => ({
    id: text(circuit.id),
    ...(typeof circuit.parent === 'string' && { parent: circuit.parent }),
    ratedCurrentA: numberOf(circuit.ratedCurrentA),
    worstCaseOtherLoadA: numberOf(circuit.worstCaseOtherLoadA),
  }))
  const owner = (meterId: string) =>
    text(list(document, 'circuits').find(({ meter }) => meter === meterId)?.id)
  const meters = list(document, 'meters').map(meter => ({
    id: text(meter.id),
    circuit: owner(text(meter.id)),
    device: text(meter.device),
    unitId: numberOf(meter.unitId) ?? 1,
    connection: objectOf(meter.connection),
    ...(typeof meter.invert === 'boolean' && { invert: meter.invert }),
  }))
  return {
    siteId: text(site.id),
    timeZone: text(site.timeZone) || timeZone,
    circuits: circuits.length > 0 ? circuits : [{ id: 'main' }],
    meters,
    ocppPort: numberOf(ocpp.port),
    ...(csms !== undefined ? { csmsUrl: text(csms.url) } : { noCsms: true }),
  }
}

/** As it came from Busbar; what is no draft begins anew. */
export function readDraft(entered: unknown, timeZone: string): Draft | undefined {
  const given = objectOf(entered)
  if (typeof given.siteId !== 'string' || !Array.isArray(given.circuits)) return undefined
  const meters = Array.isArray(given.meters) ? given.meters : []
  return { ...startingDraft(timeZone), ...given, meters: meters.map(withPhases) }
}

/** JSON has a null where a number is missing; here it is absent, so that nothing takes it for zero. */
function withPhases(meter: DraftMeter): DraftMeter {
  const phases = (kept: unknown): Phases | undefined =>
    Array.isArray(kept) ? [numberOf(kept[0]), numberOf(kept[1]), numberOf(kept[2])] : undefined
  return { ...meter, clampA: phases(meter.clampA), shownA: phases(meter.shownA) }
}

interface Missing {
  /** The key of its words. */
  readonly word: 'siteName' | 'circuitName' | 'fuse' | 'otherLoad' | 'csmsAddress'
  readonly circuit?: string
}

/** What is missing of a step, in the order of the page. */
export function missingOf(step: string, draft: Draft): readonly Missing[] {
  if (step === 'site') return isSiteId(draft.siteId) ? [] : [{ word: 'siteName' }]
  if (step === 'circuits') {
    const { circuits } = draft
    const ids = new Set(circuits.map(({ id }) => id))
    return [
      ...(ids.size < circuits.length || ids.has('') ? [{ word: 'circuitName' } as const] : []),
      ...circuits.flatMap(({ id, ratedCurrentA, worstCaseOtherLoadA }) => [
        ...(ratedCurrentA === undefined ? [{ word: 'fuse', circuit: id } as const] : []),
        ...(worstCaseOtherLoadA === undefined ? [{ word: 'otherLoad', circuit: id } as const] : []),
      ]),
    ]
  }
  if (step === 'csms')
    return draft.noCsms === true || isCsmsUrl(draft.csmsUrl) ? [] : [{ word: 'csmsAddress' }]
  return []
}

/** "63", "63 A" and "62,5"; undefined for what is no number. */
export function ampsFrom(typed: string): number | undefined {
  const number = numberFrom(typed.replace(/\s*A\s*$/i, ''))
  return typeof number === 'number' ? number : undefined
}

export function isSiteId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/.test(text)
}

export function isCsmsUrl(text = ''): boolean {
  return /^wss?:\/\/[^/]/.test(text)
}

/** The configuration with what was entered; what nobody was asked is as `base` has it. */
export function documentFrom(draft: Draft, base: unknown, webPort: number): Json {
  const was = objectOf(base)
  const known = new Map(list(base, 'circuits').map(circuit => [text(circuit.id), circuit]))
  const knownMeters = new Map(list(base, 'meters').map(meter => [text(meter.id), meter]))
  const circuits = draft.circuits.map(({ id, parent, ratedCurrentA, worstCaseOtherLoadA }) => {
    const { meter: _meter, parent: _parent, ...rest } = known.get(id) ?? {}
    const meter = draft.meters.find(({ circuit }) => circuit === id)?.id
    return {
      ...{ ...rest, id },
      ...(parent !== undefined && { parent }),
      ratedCurrentA,
      ...(meter !== undefined && { meter }),
      worstCaseOtherLoadA,
    }
  })
  const meters = draft.meters.map(({ id, device, unitId, connection, invert }) => {
    const { invert: _invert, ...rest } = knownMeters.get(id) ?? {}
    return { ...rest, id, device, unitId, connection, ...(invert === true && { invert }) }
  })
  const { csms: _csms, ...others } = was
  const url = draft.noCsms === true ? undefined : draft.csmsUrl
  return {
    ocpp: { port: 9000 },
    web: { port: webPort },
    ...others,
    version: 1,
    site: { ...objectOf(was.site), id: draft.siteId, timeZone: draft.timeZone },
    circuits,
    meters,
    stations: Array.isArray(was.stations) ? was.stations : [],
    ...(url !== undefined && { csms: { ...objectOf(was.csms), url } }),
  }
}

/** Of a text that may be none. */
export function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export function list(document: unknown, key: string): readonly Json[] {
  const found = objectOf(document)[key]
  return Array.isArray(found) ? found.map(objectOf) : []
}

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

function parts(document: unknown) {
  const { site, csms, ocpp } = objectOf(document)
  return { site: objectOf(site), csms: csms === undefined ? undefined : objectOf(csms), ocpp: objectOf(ocpp) }
}
