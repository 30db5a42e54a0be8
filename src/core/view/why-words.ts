/**
 * The words for what the core decides by, in one place: the reasons of a connector, what would lift them, and what a circuit's
 * limit is made up of. For a driver, a depot manager and an electrician; page, MQTT and the decision journal say the same.
 */
import type { CircuitPart, CircuitParts, Lift, PartCode, Reason, ReasonCode } from '../control/reason.js'
import type { CircuitWhyView, ReasonView, WhyView } from './document.js'
import { sayOrder } from './limits-view.js'

interface Words {
  /** Of the whole sentence. */
  readonly code: WhyView['code']
  /** Where it is one link of several. */
  readonly name: (reason: Reason) => string
  /** As the answer to "why not more?"; `before` is the link above it. */
  readonly text: (reason: Reason, before: Reason | undefined) => string
}

const amps = (valueA: number | undefined): string => `${Math.round((valueA ?? 0) * 10) / 10} A`
const whole = (valueA: number): string => `${Math.round(valueA)} A`
const now = ({ valueA }: Reason): string => (valueA === 0 ? 'Paused now' : `${amps(valueA)} now`)
const place = ({ circuitId, phase }: Reason): string => `${circuitId ?? '?'} on ${phase ?? '?'}`

const WORDS: Readonly<Record<ReasonCode, Words>> = {
  'no car': { code: 'idle', name: () => 'No car', text: () => 'No car.' },
  'no session': {
    code: 'idle',
    name: () => 'No session',
    text: ({ valueA }) => `No session: ${amps(valueA)} until one starts.`,
  },
  connector: {
    code: 'full',
    name: () => 'Connector',
    text: ({ valueA }) => `All the connector can give: ${amps(valueA)}.`,
  },
  csms: { code: 'csms', name: () => 'CSMS', text: ({ valueA }) => `CSMS allows ${amps(valueA)}.` },
  order: {
    code: 'order',
    name: reason => orderText(reason),
    text: reason => `${orderText(reason)} allows ${amps(reason.valueA)}.`,
  },
  'tag refused': {
    code: 'csms',
    name: () => 'CSMS refused the tag',
    text: () => 'CSMS refused the tag: this session gets no more energy.',
  },
  'no clock': {
    code: 'unverified',
    name: () => "Station's clock not known",
    text: ({ valueA }) =>
      `Station's clock is not known to be right: no more than its fail-safe, ${amps(valueA)}.`,
  },
  ceiling: {
    code: 'full',
    name: () => 'Site profile: fail-safe only',
    text: ({ valueA }) => `This site gives no more than the fail-safe: ${amps(valueA)}.`,
  },
  car: {
    code: 'car',
    name: () => 'Car takes less',
    text: ({ valueA }) => `Car takes less than it could have; ${amps(valueA)} leave it room.`,
  },
  'full car': {
    code: 'car',
    name: () => 'Car takes nothing',
    text: ({ valueA, liftWallMs }) =>
      liftWallMs === undefined
        ? `Car takes nothing: it keeps ${amps(valueA)} while nobody else needs them.`
        : 'Car took nothing, it is probably full: paused while others wait, asked again every 15 minutes.',
  },
  minimum: {
    code: 'csms',
    name: ({ towardsA }) => `Below the least a car takes, ${amps(towardsA)}`,
    text: ({ towardsA, valueA }, before) =>
      `${before === undefined ? amps(0) : WORDS[before.code].text(before, undefined).slice(0, -1)}, which is less than the ${amps(towardsA)} a car needs: ${valueA === 0 ? 'paused' : amps(valueA)}.`,
  },
  starting: {
    code: 'ramp',
    name: () => 'Session has just begun',
    text: () => 'Session has just begun; its share is being worked out.',
  },
  share: {
    code: 'circuit',
    name: ({ circuitId, phase }) => `${circuitId}, ${phase}`,
    text: reason => `${fullText(reason)}: ${amps(reason.valueA)} for this car; ${shared(reason)}.`,
  },
  turn: {
    code: 'waiting',
    name: ({ circuitId, phase }) => `Waits its turn at ${circuitId}, ${phase}`,
    text: reason =>
      `Waits its turn: ${reason.circuitId} has no ${amps(reason.towardsA)} left on ${reason.phase}${orderedHere(reason)}; ${shared(reason)}.`,
  },
  meter: {
    code: 'meter',
    name: ({ about }) => `Meter ${about} not trusted`,
    text: reason => `${now(reason)}: nothing is raised while meter ${reason.about} is silent or in doubt.`,
  },
  elsewhere: {
    code: 'meter',
    name: () => 'It may hang on another circuit',
    text: reason =>
      `No more than ${amps(reason.valueA)}: the meter of its circuit does not show it, and another circuit carries too much. Compare the wiring.`,
  },
  restart: {
    code: 'unverified',
    name: () => 'Busbar has restarted',
    text: reason => `${now(reason)}: Busbar has restarted and has not read back every station yet.`,
  },
  probe: {
    code: 'meter',
    name: () => 'A meter is being tested',
    text: reason =>
      `${now(reason)} for less than a minute: cars are lowered to see whether the meter follows.`,
  },
  refresh: {
    code: 'ramp',
    name: () => 'Waits for its next refresh',
    text: reason =>
      `${now(reason)}; ${amps((reason.towardsA ?? 0) - reason.valueA)} more with the next refresh of its profile.`,
  },
  room: {
    code: 'ramp',
    name: () => 'Room has to last',
    text: reason => `${now(reason)}; more as soon as the room for it has lasted a while.`,
  },
  ramp: {
    code: 'ramp',
    name: () => 'Rising',
    text: reason =>
      `Rising: ${now(reason).replace('Paused', 'paused')}, step by step to ${amps(reason.towardsA)}.`,
  },
  stagger: {
    code: 'ramp',
    name: () => 'Cars start one by one',
    text: reason => `${now(reason)}; cars on one circuit start again one after another.`,
  },
  proof: {
    code: 'circuit',
    name: ({ circuitId, phase }) => `Others have to be seen to draw less at ${circuitId}, ${phase}`,
    text: reason =>
      `${now(reason)}, ${amps(reason.towardsA)} is its share; others on ${place(reason)} have to be seen to draw less first.`,
  },
  isolated: {
    code: 'unreachable',
    name: () => 'Isolated by an operator',
    text: () => 'Isolated by an operator: nothing is kept free for it until it connects.',
  },
  away: {
    code: 'unreachable',
    name: () => 'Not connected',
    text: ({ valueA }) => `Station not connected: at least ${amps(valueA)} are kept free for it.`,
  },
  driven: {
    code: 'csms',
    name: () => 'Driven by its CSMS',
    text: ({ valueA }) =>
      `Driven by its CSMS: Busbar writes nothing to it, ${amps(valueA)} are kept free for it.`,
  },
  released: {
    code: 'refused',
    name: () => 'Released by an operator',
    text: ({ valueA }) => `Released by an operator: not steered, ${amps(valueA)} are kept free for it.`,
  },
  fault: {
    code: 'refused',
    name: () => 'A fault in Busbar',
    text: () => 'A fault in Busbar stopped its planning: it is left to its fail-safe.',
  },
  unable: {
    code: 'refused',
    name: () => 'Knows no charging profiles',
    text: ({ valueA }) => `Station knows no charging profiles: ${amps(valueA)} are kept free for it.`,
  },
  disobeys: {
    code: 'refused',
    name: () => 'Draws more than it was told',
    text: ({ valueA }) => `Station draws more than it was told: ${amps(valueA)} are counted until it obeys.`,
  },
  refused: {
    code: 'refused',
    name: () => 'Refused the last profile',
    text: () => 'Station refused the last profile; it is offered again shortly.',
  },
  unverified: {
    code: 'unverified',
    name: () => 'Profiles not read back yet',
    text: ({ valueA }) => `Profiles on the station not read back yet: ${amps(valueA)} are counted.`,
  },
  unanswered: {
    code: 'unverified',
    name: () => 'No answer yet',
    text: ({ valueA, towardsA }) =>
      `Told ${amps(towardsA)}, but the station has not answered: ${amps(valueA)} are counted until it does.`,
  },
  unproven: {
    code: 'unverified',
    name: () => 'Not seen to follow yet',
    text: ({ valueA, towardsA }) =>
      `Told ${amps(towardsA)}; ${amps(valueA)} are counted until it is seen to follow.`,
  },
  exceeds: {
    code: 'refused',
    name: () => 'Draws more than it was told',
    text: ({ valueA, towardsA }) => `Told ${amps(towardsA)}, but it draws ${amps(valueA)}: that is counted.`,
  },
  settling: {
    code: 'unverified',
    name: () => 'Just read back',
    text: ({ valueA }) => `Just read back: ${amps(valueA)} are counted until it has had time to follow.`,
  },
}

function orderText({ order }: Pick<Reason, 'order'>): string {
  const text = order === undefined ? 'a limit from outside' : sayOrder(order).text
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function fullText(reason: Reason): string {
  const { order, circuitId, phase } = reason
  if (order === undefined) return `${circuitId} is full on ${phase}`
  return `The stations of ${circuitId} may take no more on ${phase}${orderedHere(reason)}`
}

/** Where an order for the stations alone leaves less than the circuit does. */
const orderedHere = ({ order }: Reason): string =>
  order === undefined ? '' : `, as ${sayOrder(order).text} says`

function shared({ cars = 1, rule }: Reason): string {
  if (cars <= 1) return 'this car gets what is left'
  switch (rule) {
    case 'weighted':
      return `${cars} cars share it by weight`
    case 'first-come':
      return `of ${cars} cars, whoever came first is served first`
    case 'least-laxity':
      return `of ${cars} cars, whoever can wait least is served first`
    default:
      return `${cars} cars share it equally`
  }
}

const LIFTED: Readonly<Record<Lift, string>> = {
  configuration: 'as configured',
  csms: 'when the CSMS allows more',
  order: 'when that limit ends',
  session: 'with the next session',
  car: 'when the car takes more',
  clock: 'when the times it sends agree',
  room: 'when a car stops or other load falls',
  turn: 'when a car stops, other load falls, or its turn comes',
  meter: 'when the meter is fresh and agrees with the stations',
  station: 'when the station connects and its profiles are read back',
  operator: 'when an operator takes it back',
  proof: 'when a measurement shows it',
  time: 'by itself',
  none: 'not by itself',
}

/** A cause by itself, of which only this is kept. */
export function causeName(cause: Pick<Reason, 'code' | 'circuitId' | 'phase' | 'about'>): string {
  if (cause.code === 'minimum') return 'Below the least a car takes'
  return WORDS[cause.code].name({ ...cause, valueA: 0, lift: 'none' })
}

/** Widest first. */
type Chain = readonly (Reason & { readonly sinceWallMs?: number })[]

/** A chain that says as much as the one before is that one (`heldSince`), and so are its words. */
const said = new WeakMap<Chain, WhyView>()

/** Of one connector. */
export function whyView(reasons: Chain): WhyView {
  const known = said.get(reasons)
  if (known !== undefined) return known
  const view = worded(reasons)
  said.set(reasons, view)
  return view
}

function worded(reasons: Chain): WhyView {
  const last = reasons.at(-1)
  if (last === undefined) return { code: 'idle', text: '', chain: [] }
  const { circuitId, phase } = last
  return {
    code: WORDS[last.code].code,
    text: WORDS[last.code].text(last, reasons.at(-2)),
    ...(circuitId !== undefined && { circuitId }),
    ...(phase !== undefined && { phase }),
    chain: reasons.map(linkView),
  }
}

function linkView(reason: Reason & { readonly sinceWallMs?: number }): ReasonView {
  const { code, valueA, lift, liftWallMs, sinceWallMs, circuitId, phase } = reason
  const { about, towardsA, cars, rule, order } = reason
  return {
    code,
    name: WORDS[code].name(reason),
    valueA: Math.round(valueA * 10) / 10,
    lift,
    lifted: LIFTED[lift],
    ...(liftWallMs !== undefined && { liftAt: new Date(liftWallMs).toISOString() }),
    ...(sinceWallMs !== undefined && { since: new Date(sinceWallMs).toISOString() }),
    ...(circuitId !== undefined && { circuitId }),
    ...(phase !== undefined && { phase }),
    ...(about !== undefined && { about }),
    ...(towardsA !== undefined && { towardsA: Math.round(towardsA * 10) / 10 }),
    ...(cars !== undefined && { cars }),
    ...(rule !== undefined && { rule }),
    ...(order !== undefined && { order }),
  }
}

const KEPT: Readonly<
  Record<Exclude<PartCode, 'other load' | 'cars' | 'free'>, (who: string, are: string) => string>
> = {
  meter: who => `because meter ${who} is not proven yet`,
  stations: (who, are) => `because ${who} ${are === 'is' ? 'does' : 'do'} not tell all they draw`,
  dip: () => 'because other load was higher a moment ago',
  'never seen': who => `for ${who}, never seen since this was configured`,
  unreachable: who => `for ${who}, not connected`,
  unverified: who => `for ${who}, profiles not read back yet`,
  unproven: (who, are) => `until ${who} ${are} seen to draw less`,
  standby: who => `for ${who}, without a session and not held at 0 A`,
  retired: who => `for ${who}, no longer configured and not seen gone`,
  stray: who => `for connectors of ${who} that nobody configured`,
  learner: who => `for ${who}, unknown and let in`,
}

/** Of one circuit. */
export function circuitWhyView({ phase, limitA, order, onlyStations, parts }: CircuitParts): CircuitWhyView {
  const by = order === undefined ? '' : `, as ${sayOrder(order).text} says`
  const said = parts.map(partText).filter(text => text !== '')
  return {
    phase,
    text: `Of ${amps(limitA)}${onlyStations === true ? ' for the stations alone' : ''} on ${phase}${by}, ${said.join(', ')}.`,
    limitA: Math.round(limitA * 10) / 10,
    ...(onlyStations === true && { onlyStations }),
    ...(order !== undefined && { order }),
    parts: parts.map(({ code, valueA, about, count }) => ({
      ...{ code, valueA: Math.round(valueA * 10) / 10 },
      ...(count > 0 && { about, count }),
    })),
  }
}

function partText(part: CircuitPart): string {
  const { code, valueA, about, count, assumed } = part
  switch (code) {
    case 'other load':
      if (assumed === '' && valueA === 0) return 'nothing is set aside for other load'
      if (assumed === undefined && Math.round(valueA) === 0) return 'there is no other load (measured)'
      return `other load takes ${whole(valueA)} (${assumed === undefined ? 'measured' : assumed === '' ? 'assumed' : `assumed: ${assumed}`})`
    case 'cars':
      if (count === 0) return ''
      return count === 1 ? `1 car has ${whole(valueA)}` : `${count} cars share ${whole(valueA)}`
    case 'free':
      if (valueA >= 0.5) return `${whole(valueA)} ${Math.round(valueA) === 1 ? 'is' : 'are'} free`
      if (valueA > -0.5) return 'nothing is left'
      return `and ${whole(-valueA)} more ${Math.round(-valueA) === 1 ? 'is' : 'are'} set aside than there is, so nothing is raised`
    default:
      return `${whole(valueA)} ${Math.round(valueA) === 1 ? 'is' : 'are'} kept ${KEPT[code](names(about, count), count === 1 ? 'is' : 'are')}`
  }
}

function names(about: readonly string[], count: number): string {
  if (count > about.length) return `${count} stations`
  const last = about.at(-1) ?? ''
  return about.length < 2 ? last : `${about.slice(0, -1).join(', ')} and ${last}`
}
