/**
 * One seed of the soak from beginning to end: a depot, faults one after another and now and then two at once, amps looked at
 * four times a second (`seed-log.ts`), and what came of it.
 */
import { among } from './depot.js'
import type { FaultKind, FaultSite } from './fault-kind.js'
import { FaultTurn } from './fault-turn.js'
import { type ActiveFault, LOOK_MS } from './judge.js'
import { SETTLE_MS, SeedLog, type SeedOptions, type SeedResult } from './seed-log.js'
import { SoakSite } from './site.js'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000
/** Lease end + clock bound + reaction. */
const AFTER_LEASE_MS = 21_000
const LEAST_FAULT_S = 20
const OVERLAP_CHANCE = 0.2
const LOAD_CHANCE = 0.5

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const site = new SoakSite(options.seed, options.catalogue, options)
  await site.open()
  const log = new SeedLog(site)
  const active: ActiveFault[] = []
  site.world.portsFor('observer').clock.every(LOOK_MS, () => log.look(active))
  const pace = options.brisk === true ? BRISK : USUAL
  await site.world.runFor(pace.settleMs)
  const endMs = options.hours * HOUR_MS
  const grip = site.grip()
  const turn = new FaultTurn(grip, options.seed)
  while (site.world.time.nowMs < endMs) {
    if (options.faults !== false) await oneFault(site, { grip, turn, active, endMs, mostS: pace.mostS })
    const gapMs = among(grip.dice, pace.gapS[0], pace.gapS[1]) * SECOND_MS
    await site.world.runUntil(Math.min(endMs, site.world.time.nowMs + gapMs))
  }
  return { ...log.result(options), tried: turn.tried }
}

const USUAL = { settleMs: SETTLE_MS, mostS: Number.MAX_VALUE, gapS: [60, 720] as const }
/** Begun when cars have proven the meters; far enough apart that each is the only one the judge sees. */
const BRISK = { settleMs: 480_000, mostS: 90, gapS: [62, 75] as const }

interface Fate {
  readonly grip: FaultSite
  readonly turn: FaultTurn
  readonly active: ActiveFault[]
  readonly endMs: number
  /** No fault lasts longer. */
  readonly mostS: number
}

async function oneFault(site: SoakSite, { grip, turn, active, endMs, mostS }: Fate): Promise<void> {
  const first = begin(site, turn.next(), active, grip)
  const second = grip.dice.next() < OVERLAP_CHANCE ? begin(site, turn.any(), active, grip) : undefined
  const lastsMs = among(grip.dice, LEAST_FAULT_S, Math.min(mostS, first.kind.mostS)) * SECOND_MS
  const calmed = grip.dice.next() < LOAD_CHANCE ? loadComes(grip, lastsMs) : undefined
  await site.world.runUntil(Math.min(endMs, site.world.time.nowMs + lastsMs))
  for (const begun of [second, first]) {
    begun?.mend()
    if (begun !== undefined) begun.fault.untilMs = site.world.time.nowMs
  }
  calmed?.()
  const nowMs = site.world.time.nowMs
  const kept = active.filter(
    ({ untilMs, lostUntilMs }) => nowMs - (untilMs ?? nowMs) < HOUR_MS || (lostUntilMs ?? 0) > nowMs,
  )
  active.splice(0, active.length, ...kept)
}

/** Most rows of the table count on a load that comes while the fault is there; gives back what takes it away. */
function loadComes(grip: FaultSite, withinMs: number): () => void {
  let lasts = true
  const share = among(grip.dice, 0.6, 1)
  grip.after(among(grip.dice, 0.1, 0.7) * withinMs, () => {
    for (const { id, worstCaseOtherLoadA } of grip.circuits)
      if (lasts) grip.askBase(id, share * worstCaseOtherLoadA)
  })
  return () => {
    lasts = false
    for (const { id } of grip.circuits) grip.askBase(id, undefined)
  }
}

function begin(
  site: SoakSite,
  kind: FaultKind,
  active: ActiveFault[],
  grip: FaultSite,
): { readonly kind: FaultKind; readonly fault: ActiveFault; readonly mend: () => void } {
  const nowMs = site.world.time.nowMs
  const leaseMs = 1_000 * Math.max(0, ...(site.gateway?.proof.leaseS.values() ?? []))
  const fault: ActiveFault = {
    cause: kind.cause,
    row: kind.row,
    sinceMs: nowMs,
    untilMs: undefined,
    allowedMs: isMetered => 1_000 * (kind.allowedS?.(isMetered) ?? 0),
    ...(kind.losesBusbar && { lostUntilMs: nowMs + 15_000 + leaseMs + AFTER_LEASE_MS }),
  }
  active.push(fault)
  return { kind, fault, mend: kind.begin(grip) }
}
