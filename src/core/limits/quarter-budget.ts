/**
 * A mean over each quarter of an hour, kept by looking ahead: what the stations may draw now so that the mean stays below its limit
 * although cars follow late and other load may rise to its worst. Spread over what is left, not cut off at the end.
 * Pure; the quarters are those of the clock on the wall, time within them that of one that does not jump.
 */
const QUARTER_S = 900
/** From a decision to the last car, and the step to the next decision. */
const FOLLOWED_S = 16
/** With less left nothing is raised, so that nothing leaps at the end of a quarter. */
const CALM_S = 60
const STEP_W = 500
/** A smaller rise is not worth a write. */
const RISE_W = 1_000
/** The wall clock was moved. */
const MOVED_MS = 2_000

export interface QuarterBudget {
  readonly quarter: number
  readonly atMonoMs: number
  readonly atWallMs: number
  /** Of this quarter, all loads, at the most. */
  readonly usedWs: number
  /** All loads when it was looked at last. */
  readonly powerW: number
  /** What stations were allowed within the time they take to follow, oldest first. */
  readonly told: readonly { readonly monoMs: number; readonly stationsW: number }[]
}

export interface QuarterLook {
  readonly monoMs: number
  readonly wallMs: number
  readonly meanLimitW: number
  /** Through the circuit now; undefined = nobody knows, then the most that may be. */
  readonly powerW: number | undefined
  /** Other load now, at its safe edge, and at its worst. */
  readonly otherW: number
  readonly worstOtherW: number
  /** The most the stations could ever draw together. */
  readonly mostStationsW: number
}

/** `stationsW` of the newest `told` is what they may draw now. Other load that alone is above the mean is not to be helped. */
export function stepQuarterBudget(before: QuarterBudget | undefined, look: QuarterLook): QuarterBudget {
  const { monoMs, wallMs, mostStationsW } = look
  const known = before === undefined || isMoved(before, look) ? begun(look) : counted(before, look)
  const told = known.told.filter(
    ({ monoMs: atMs }, at) => at === known.told.length - 1 || atMs > monoMs - FOLLOWED_S * 1000,
  )
  const nowW = told.at(-1)?.stationsW ?? mostStationsW
  const mostW = Math.floor(allowedW({ ...known, told }, look) / STEP_W) * STEP_W
  const stationsW = mostW > nowW && mostW < nowW + RISE_W ? nowW : mostW
  const next = stationsW === nowW ? told : [...told, { monoMs, stationsW }]
  return { ...known, atMonoMs: monoMs, atWallMs: wallMs, told: lasting(next, monoMs) }
}

/** The one in force counts from now on, however old. */
function lasting(told: QuarterBudget['told'], monoMs: number): QuarterBudget['told'] {
  const newest = told.at(-1)
  return newest === undefined ? told : [...told.slice(0, -1), { ...newest, monoMs }]
}

function isMoved(before: QuarterBudget, { monoMs, wallMs }: QuarterLook): boolean {
  return Math.abs(wallMs - before.atWallMs - (monoMs - before.atMonoMs)) > MOVED_MS
}

/** What was before is not known: the mean itself until now, and cars that draw what they can. */
function begun(look: QuarterLook): QuarterBudget {
  const { monoMs, wallMs, meanLimitW, mostStationsW } = look
  return {
    quarter: quarterOf(wallMs),
    usedWs: meanLimitW * passedS(wallMs),
    powerW: powerOf(look),
    told: [{ monoMs, stationsW: mostStationsW }],
    ...{ atMonoMs: monoMs, atWallMs: wallMs },
  }
}

function counted(before: QuarterBudget, look: QuarterLook): QuarterBudget {
  const { monoMs, wallMs } = look
  const powerW = powerOf(look)
  const elapsedS = (monoMs - before.atMonoMs) / 1000
  const quarter = quarterOf(wallMs)
  const isSame = quarter === before.quarter
  const usedS = isSame ? elapsedS : Math.min(elapsedS, passedS(wallMs))
  const usedWs = (isSame ? before.usedWs : 0) + Math.max(before.powerW, powerW) * usedS
  return { ...before, quarter, usedWs, powerW }
}

const powerOf = ({ powerW, worstOtherW, mostStationsW }: QuarterLook): number =>
  Math.max(0, powerW ?? worstOtherW + mostStationsW)

/**
 * The least of: an even spread of what is left, but for what the last seconds need, when cars can follow no more and other load
 * may go to its worst; what leaves enough should other load go to its worst at once and stay there while cars take their time;
 * and what does not spoil the next quarter before they have followed.
 */
function allowedW({ usedWs, told }: QuarterBudget, look: QuarterLook): number {
  const { meanLimitW, otherW, mostStationsW, monoMs, wallMs } = look
  const leftWs = meanLimitW * QUARTER_S - usedWs
  const leftS = QUARTER_S - passedS(wallMs)
  const worstW = Math.min(look.worstOtherW, meanLimitW)
  const lastWs = (Math.max(0, worstW - otherW) + STEP_W) * Math.min(FOLLOWED_S, leftS)
  const evenW = (leftWs - lastWs) / leftS - otherW
  const spreadW = leftS < CALM_S ? Math.min(evenW, told.at(-1)?.stationsW ?? 0) : evenW
  const untilS = Math.min(FOLLOWED_S, leftS)
  const guardWs = leftWs - worstW * leftS
  const guardW = mostWithin(told, { monoMs, untilS, budgetWs: guardWs, mostW: mostStationsW })
  const nextW = ((meanLimitW - worstW) * QUARTER_S) / FOLLOWED_S
  return Math.max(0, Math.min(spreadW, guardW, nextW, mostStationsW))
}

/** The largest W whose energy within the time, beside what was told before and may still be drawn, fits the budget. */
function mostWithin(
  told: QuarterBudget['told'],
  at: { readonly monoMs: number; readonly untilS: number; readonly budgetWs: number; readonly mostW: number },
): number {
  let [lowW, highW] = [0, at.mostW]
  if (drawnWs(told, at, highW) <= at.budgetWs) return highW
  for (let turn = 0; turn < 24; turn++) {
    const midW = (lowW + highW) / 2
    if (drawnWs(told, at, midW) <= at.budgetWs) lowW = midW
    else highW = midW
  }
  return lowW
}

/** At the most: each may still be drawn until its time to follow is over. */
function drawnWs(
  told: QuarterBudget['told'],
  { monoMs, untilS }: { readonly monoMs: number; readonly untilS: number },
  nowW: number,
): number {
  const ends = told
    .map(({ monoMs: atMs, stationsW }) => ({ endS: (atMs - monoMs) / 1000 + FOLLOWED_S, stationsW }))
    .filter(({ endS, stationsW }) => endS > 0 && stationsW > nowW)
    .sort((a, b) => b.stationsW - a.stationsW)
  let fromS = 0
  let sumWs = 0
  for (const { endS, stationsW } of ends) {
    const toS = Math.min(endS, untilS)
    if (toS <= fromS) continue
    sumWs += stationsW * (toS - fromS)
    fromS = toS
  }
  return sumWs + nowW * (untilS - fromS)
}

const quarterOf = (wallMs: number): number => Math.floor(wallMs / (QUARTER_S * 1000))
const passedS = (wallMs: number): number => (wallMs - quarterOf(wallMs) * QUARTER_S * 1000) / 1000
