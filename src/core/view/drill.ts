/**
 * The fail-safe drill when a site is put into service: a person pulls a plug (uplink, meter, Busbar itself), and what the
 * site showed meanwhile says in seconds whether the promise was kept. It only looks at the site as it is shown.
 * Plain data that outlives a restart. Times are of the wall clock, for that outlives one too; a clock that is set ends it.
 */
import type { SiteView } from './document.js'

export type DrillKind = 'uplink' | 'meter' | 'restart'

/** Control rule 15: worst case commanded 10 s after the last good sample, in effect 25 s; a look is 1 s late at most. */
export const COMMANDED_WITHIN_S = 11
export const IN_EFFECT_WITHIN_S = 26
/** Issue of the promise: 13.7 s, and 15 s by the grid code, that a circuit may be above its limit. */
const OVER_FOR_S = 15
/** A link that was gone for less is a hiccup and shows nothing. */
const GONE_FOR_S = 10
/** A meter that says nothing for so long is pulled; one that is only doubted, or has missed two polls, is not. */
const SILENT_FOR_S = 5
export const BACK_WITHIN_S = 120
/** Nobody pulls a plug for longer, or has forgotten it. */
const PULL_WITHIN_S = 300
const RETURN_WITHIN_S = 1_800

export interface Drill {
  readonly kind: DrillKind
  /** Of the meter. */
  readonly about?: string | undefined
  readonly by: string
  readonly startedWallMs: number
  /** What must still be there afterwards. */
  readonly stationIds: readonly string[]
  readonly sessions: readonly string[]
  readonly stage: 'pull' | 'out' | 'plug in'
  readonly outWallMs?: number | undefined
  /** Seconds from the last good sample. */
  readonly commandedS?: number | undefined
  readonly effectS?: number | undefined
  /** When a circuit came to be above its limit. */
  readonly overSinceWallMs?: number | undefined
  readonly lastWallMs: number
}

export type DrillFailure =
  | 'not-pulled'
  | 'too-short'
  | 'station-lost'
  | 'session-lost'
  | 'over-limit'
  | 'late'
  | 'not-back'
  | 'clock-set'

export interface DrillResult {
  readonly kind: DrillKind
  readonly about?: string | undefined
  readonly by: string
  /** ISO 8601. */
  readonly at: string
  readonly passed: boolean
  readonly failure?: DrillFailure | undefined
  /** Station or circuit. */
  readonly failedAt?: string | undefined
  /** How long it was out. */
  readonly outS?: number | undefined
  /** From the last good sample to the worst case decided, and to everybody told and below. */
  readonly commandedS?: number | undefined
  readonly effectS?: number | undefined
  readonly stations: number
  readonly sessions: number
}

export function newDrill(
  { kind, about, by }: Pick<Drill, 'kind' | 'about' | 'by'>,
  site: SiteView,
  wallMs: number,
): Drill {
  const there = site.stations.filter(({ connected }) => connected)
  return {
    ...{ kind, by, startedWallMs: wallMs, lastWallMs: wallMs },
    ...(about !== undefined && { about }),
    stationIds: there.map(({ id }) => id),
    sessions: there.flatMap(sessionsOf),
    stage: 'pull',
    ...(kind === 'restart' && { outWallMs: wallMs }),
  }
}

/** What a look left, with the result when it is over. */
export interface Watched {
  readonly drill: Drill
  readonly result?: DrillResult
}

/** Looks once. */
export function watchDrill(before: Drill, site: SiteView, wallMs: number): Watched {
  if (wallMs < before.lastWallMs - 1_000) return failed(before, 'clock-set', wallMs)
  const over = overCircuit(site)
  const drill: Drill = {
    ...before,
    lastWallMs: Math.max(before.lastWallMs, wallMs),
    overSinceWallMs: over === undefined ? undefined : (before.overSinceWallMs ?? wallMs),
  }
  if (over !== undefined && secondsSince(drill.overSinceWallMs, wallMs) > OVER_FOR_S)
    return failed(drill, 'over-limit', wallMs, over)
  if (drill.stage === 'pull' && wallMs - drill.startedWallMs > PULL_WITHIN_S * 1_000)
    return failed(drill, 'not-pulled', wallMs)
  switch (drill.kind) {
    case 'uplink':
      return uplink(drill, site, wallMs)
    case 'meter':
      return meter(drill, site, wallMs)
    case 'restart':
      return restart(drill, site, wallMs)
  }
}

/** Busbar has come back: from now on it is looked at who came with it. */
export const cameBack = (drill: Drill): Drill => ({ ...drill, stage: 'out' })

function uplink(before: Drill, site: SiteView, wallMs: number): Watched {
  const isAway = site.csms.state === 'away'
  if (before.stage === 'pull' && !isAway) return { drill: before }
  const pulled: Drill = before.stage === 'pull' ? { ...before, stage: 'out', outWallMs: wallMs } : before
  const lost = pulled.stationIds.find(
    id => !site.stations.some(station => station.id === id && station.connected),
  )
  if (lost !== undefined) return failed(pulled, 'station-lost', wallMs, lost)
  const outS = secondsSince(pulled.outWallMs, wallMs)
  const drill: Drill = outS >= GONE_FOR_S ? { ...pulled, stage: 'plug in' } : pulled
  if (outS > RETURN_WITHIN_S) return failed(drill, 'not-back', wallMs)
  if (site.csms.state !== 'connected') return { drill }
  return outS < GONE_FOR_S ? failed(drill, 'too-short', wallMs) : passed(drill, wallMs)
}

function meter(before: Drill, site: SiteView, wallMs: number): Watched {
  const view = site.meters.find(({ id }) => id === before.about)
  const isFresh = view?.quality === 'fresh'
  const lastGoodMs = view?.readAt === undefined ? wallMs : Date.parse(view.readAt)
  const isSilent = view !== undefined && !isFresh && secondsSince(lastGoodMs, wallMs) >= SILENT_FOR_S
  if (before.stage === 'pull' && !isSilent) return { drill: before }
  const pulled: Drill = before.stage === 'pull' ? { ...before, stage: 'out', outWallMs: lastGoodMs } : before
  const outS = secondsSince(pulled.outWallMs, wallMs)
  const drill = isFresh ? pulled : answered(pulled, site, outS)
  const { commandedS, effectS } = drill
  if (isFresh) {
    if (effectS === undefined) return failed(drill, 'too-short', wallMs)
    return effectS <= IN_EFFECT_WITHIN_S && (commandedS ?? outS) <= COMMANDED_WITHIN_S
      ? passed(drill, wallMs)
      : failed(drill, 'late', wallMs)
  }
  const isLate = effectS === undefined && outS > 2 * IN_EFFECT_WITHIN_S
  if (isLate) return failed(drill, 'late', wallMs)
  return outS > RETURN_WITHIN_S ? failed(drill, 'not-back', wallMs) : { drill }
}

/** What control has done by now about the meter that is out. */
function answered(drill: Drill, site: SiteView, outS: number): Drill {
  const below = site.circuits.filter(({ meterId }) => meterId === drill.about)
  if (!below.every(({ otherLoadSource }) => otherLoadSource === 'worst case')) return drill
  const isBelow = below.every(({ headroomA }) => Math.min(...headroomA) >= -0.05)
  const effectS = drill.effectS ?? (isBelow ? outS : undefined)
  return {
    ...drill,
    commandedS: drill.commandedS ?? outS,
    ...(effectS !== undefined && { effectS, stage: 'plug in' }),
  }
}

/** Looked at by the Busbar that came back, which says so with the stage: the one that goes still sees everybody there. */
function restart(drill: Drill, site: SiteView, wallMs: number): Watched {
  if (drill.stage === 'pull') return { drill }
  const outS = secondsSince(drill.outWallMs, wallMs)
  const isLate = outS > BACK_WITHIN_S
  for (const id of drill.stationIds) {
    const station = site.stations.find(station => station.id === id)
    const isBack =
      station?.connected === true && station.connectors.every(({ why }) => why.code !== 'unverified')
    if (isBack) continue
    return isLate ? failed(drill, 'station-lost', wallMs, id) : { drill }
  }
  const now = new Set(site.stations.flatMap(sessionsOf))
  const lost = drill.sessions.find(session => !now.has(session))
  if (lost !== undefined) return isLate ? failed(drill, 'session-lost', wallMs, lost) : { drill }
  return isLate ? failed(drill, 'late', wallMs) : passed(drill, wallMs)
}

/** One that a meter shows above its fuse. */
function overCircuit(site: SiteView): string | undefined {
  return site.circuits.find(
    ({ measuredA, measuredSource, ratedCurrentA }) =>
      measuredA !== undefined && measuredSource === 'meter' && Math.max(...measuredA) > ratedCurrentA,
  )?.id
}

const sessionsOf = ({ id, connectors }: SiteView['stations'][number]): readonly string[] =>
  connectors.flatMap(connector => (connector.transaction === undefined ? [] : [`${id}/${connector.id}`]))

function passed(drill: Drill, wallMs: number): Watched {
  return { drill, result: { ...told(drill, wallMs), passed: true } }
}

function failed(drill: Drill, failure: DrillFailure, wallMs: number, failedAt?: string): Watched {
  const why = { failure, ...(failedAt !== undefined && { failedAt }) }
  return { drill, result: { ...told(drill, wallMs), passed: false, ...why } }
}

function told(drill: Drill, wallMs: number): Omit<DrillResult, 'passed'> {
  const { kind, about, by, commandedS, effectS, outWallMs, stationIds, sessions } = drill
  return {
    ...{ kind, by, at: new Date(wallMs).toISOString() },
    ...(about !== undefined && { about }),
    ...(outWallMs !== undefined && { outS: secondsSince(outWallMs, wallMs) }),
    ...(commandedS !== undefined && { commandedS }),
    ...(effectS !== undefined && { effectS }),
    ...{ stations: stationIds.length, sessions: sessions.length },
  }
}

function secondsSince(fromMs: number | undefined, toMs: number): number {
  return fromMs === undefined ? 0 : Math.max(0, Math.round((toMs - fromMs) / 100) / 10)
}
