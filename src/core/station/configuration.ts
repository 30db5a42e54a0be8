/**
 * The configuration of one station as it reported it, and what Busbar sets in it because control needs it. Two keys are
 * virtual towards the CSMS (proxy rule 4): the station samples as control needs, the CSMS reads its own value.
 * Pure: conf in, new record and wishes out. OCPP 1.6 §5.8, §9; must not know sockets or the store.
 */
import type { KnownKey, StationConfiguration, VirtualKey } from '../events.js'
import { isFields, listAt, textAt } from '../fields.js'

export const SAMPLE_INTERVAL = 'MeterValueSampleInterval'
export const SAMPLED_DATA = 'MeterValuesSampledData'
const STOP_SAMPLED_DATA = 'StopTxnSampledData'
const PING_INTERVAL = 'WebSocketPingInterval'

export interface KeyChange {
  readonly key: string
  readonly value: string
}

export type ChangeStatus = 'Accepted' | 'RebootRequired' | 'Rejected' | 'NotSupported'

export const NO_CONFIGURATION: StationConfiguration = {
  keys: {},
  virtual: {},
  rebootRequired: [],
  refused: {},
  chosen: {},
}

/** No station has more: the longest table of the seeds has 60 keys. */
const MAX_KEYS = 300
/** CiString50, twice. */
const MAX_KEY_CHARS = 100
/** Longer values say nothing to Busbar and would fill the journal. */
const MAX_VALUE_CHARS = 2_000
/** Control wants a sample at least this often (a reading counts as fresh for three of them). */
const SAMPLE_EVERY_S = 10
/** Shorter only loads the station. */
const SAMPLE_LEAST_S = 5
/** A dead line shall show before the shortest lease has run out. */
const LONGEST_PING_S = 60
const PING_S = 30
/** Values remembered as refused, per key; an older one may be tried again. */
const MAX_REFUSED = 8
const NEEDED = ['Current.Import', 'Power.Active.Import', 'Energy.Active.Import.Register'] as const
/** One sampledValue with its share of timestamp, three phases, as stations write them. */
const SAMPLED_VALUE_BYTES = 450
/** Half of the largest frame a station may send (proxy rule 6). */
const HEAVY_STOP_BYTES = 524_288
const VIRTUAL_KEYS: readonly string[] = [SAMPLE_INTERVAL, SAMPLED_DATA]
/** Keys Busbar has a wish about. */
const WISHES: readonly string[] = [SAMPLED_DATA, SAMPLE_INTERVAL, PING_INTERVAL]

/** The key's value as the station has it; undefined when it does not say. */
export function reportedValue(configuration: StationConfiguration, key: string): string | undefined {
  return Object.hasOwn(configuration.keys, key) ? configuration.keys[key]?.value : undefined
}

/** A whole GetConfiguration.conf after a boot: what is not in it does not exist. */
export function readAll(
  before: StationConfiguration,
  conf: unknown,
  at: { readonly wallMs: number; readonly firmware: string | undefined },
): StationConfiguration {
  const keys = keysIn(conf, {})
  const virtual: Record<string, VirtualKey> = {}
  for (const [key, entry] of Object.entries(before.virtual)) {
    // anything else: the station lost our value or somebody else gave it another, which is the CSMS's then
    if (keys[key]?.value === entry.set) virtual[key] = { ...entry, active: true }
  }
  const isSameFirmware = before.firmware === at.firmware
  return {
    readWallMs: at.wallMs,
    keys,
    virtual,
    rebootRequired: [],
    refused: isSameFirmware ? before.refused : {},
    chosen: before.chosen,
    ...(before.found !== undefined && { found: before.found }),
    ...(at.firmware === undefined ? {} : { firmware: at.firmware }),
  }
}

/** Any other GetConfiguration.conf that passed: the keys in it are as it says. */
export function readSome(before: StationConfiguration, conf: unknown): StationConfiguration {
  return { ...before, keys: keysIn(conf, before.keys) }
}

/** The CSMS or an operator changed a key and the station took it. */
export function changedByOthers(
  before: StationConfiguration,
  { key, value }: KeyChange,
  status: ChangeStatus,
  isGuarded: boolean,
): StationConfiguration {
  if (status !== 'Accepted' && status !== 'RebootRequired') return before
  const { [key]: _, ...virtual } = before.virtual
  const { [key]: __, ...refused } = before.refused
  const { [key]: ___, ...found } = before.found ?? {}
  const isOfInterest = isGuarded || (WISHES.includes(key) && !VIRTUAL_KEYS.includes(key))
  return {
    ...withValue(before, key, value),
    virtual,
    refused,
    ...(before.found !== undefined && { found }),
    rebootRequired: pending(before.rebootRequired, key, status),
    chosen: isOfInterest ? { ...before.chosen, [key]: value.slice(0, MAX_VALUE_CHARS) } : before.chosen,
  }
}

/** The station answered a change of Busbar's own. */
export function changedByUs(
  before: StationConfiguration,
  { key, value }: KeyChange,
  status: ChangeStatus,
): StationConfiguration {
  if (status !== 'Accepted' && status !== 'RebootRequired') {
    const refused = [...(before.refused[key] ?? []), value].slice(-MAX_REFUSED)
    return { ...before, refused: { ...before.refused, [key]: refused } }
  }
  const active = status === 'Accepted'
  const csms = csmsValue(before, key)
  const { [key]: _, ...others } = before.virtual
  const isVirtual = VIRTUAL_KEYS.includes(key) && csms !== undefined && csms !== value
  const virtual = isVirtual ? { ...others, [key]: { set: value, csms, active } } : others
  const after = active ? withValue(before, key, value) : before
  return {
    ...after,
    virtual,
    ...foundBefore(before, key, value),
    rebootRequired: pending(before.rebootRequired, key, status),
  }
}

/** What a key had before Busbar's first change, until it has that again; virtual keys have the CSMS's value beside ours. */
function foundBefore(
  { found, keys }: StationConfiguration,
  key: string,
  value: string,
): Pick<StationConfiguration, 'found'> {
  const hadValue = found?.[key] ?? keys[key]?.value
  if (VIRTUAL_KEYS.includes(key) || hadValue === undefined) return found === undefined ? {} : { found }
  const { [key]: _, ...others } = found ?? {}
  return { found: hadValue === value ? others : { ...others, [key]: hadValue } }
}

/** What sets every key that Busbar has changed back to what was found there, or to what the CSMS has set since. */
export function restoring({ virtual, found }: StationConfiguration): readonly KeyChange[] {
  return [
    ...Object.entries(virtual).map(([key, { csms }]) => ({ key, value: csms })),
    ...Object.entries(found ?? {}).map(([key, value]) => ({ key, value })),
  ]
}

/**
 * What is to be set next; undefined when everything is as control needs it, or cannot be. `sparingly`: the station has
 * gathered so many samples for its StopTransaction that it is to sample as the CSMS wants for a while.
 */
export function nextWish(configuration: StationConfiguration, sparingly = false): KeyChange | undefined {
  for (const key of WISHES) {
    const known = configuration.keys[key]
    if (known?.value === undefined || known.readonly || configuration.rebootRequired.includes(key)) continue
    const wishes =
      sparingly && key === SAMPLE_INTERVAL ? [csmsValue(configuration, key)] : wishesFor(configuration, key)
    const value = wishes.find(wish => wish !== undefined && !configuration.refused[key]?.includes(wish))
    if (value !== undefined && value !== known.value) return { key, value }
  }
  return undefined
}

/** What the CSMS is to read instead of the station's own value. */
export function csmsReads(configuration: StationConfiguration): ReadonlyMap<string, string> {
  return new Map(Object.entries(configuration.virtual).map(([key, { csms }]) => [key, csms]))
}

/** How often the station samples and how often the CSMS wants to hear of it; undefined when that is the same. */
export function samplingOf(
  configuration: StationConfiguration,
): { readonly stationIntervalS: number; readonly csmsIntervalS: number } | undefined {
  const entry = configuration.virtual[SAMPLE_INTERVAL]
  if (entry === undefined || !entry.active) return undefined
  const stationIntervalS = wholeNumber(entry.set)
  const csmsIntervalS = wholeNumber(entry.csms)
  return stationIntervalS === undefined || csmsIntervalS === undefined
    ? undefined
    : { stationIntervalS, csmsIntervalS }
}

/**
 * True when `samples` periodic samples of one transaction come near what a StopTransaction may weigh: the station sends
 * them all again in its transactionData (StopTxnSampledData), and a frame that is too large would lose the transaction.
 */
export function isHeavy(configuration: StationConfiguration, samples: number): boolean {
  const measurands = (reportedValue(configuration, STOP_SAMPLED_DATA) ?? '')
    .split(',')
    .filter(part => part.trim() !== '')
  const most = wholeNumber(reportedValue(configuration, 'StopTransactionMaxMeterValues') ?? '') ?? 0
  const kept = most > 0 ? Math.min(samples, most) : samples
  return kept * measurands.length * SAMPLED_VALUE_BYTES > HEAVY_STOP_BYTES
}

/** The interval a station samples at for a CSMS that wants one each `csmsS` seconds (0 = none). */
export function sampleIntervalFor(csmsS: number): number {
  if (csmsS >= 1 && csmsS <= SAMPLE_EVERY_S) return csmsS
  // a divisor, so that a sample falls on each time the CSMS wants one
  for (let s = SAMPLE_EVERY_S; s >= SAMPLE_LEAST_S; s--) if (csmsS % s === 0) return s
  return SAMPLE_EVERY_S
}

/** Candidates, best first; the first the station has not refused is tried. */
function wishesFor(configuration: StationConfiguration, key: string): readonly string[] {
  const own = csmsValue(configuration, key) ?? ''
  switch (key) {
    case SAMPLE_INTERVAL: {
      const csmsS = wholeNumber(own)
      return csmsS === undefined ? [] : [String(sampleIntervalFor(csmsS))]
    }
    case SAMPLED_DATA:
      return measurandWishes(configuration, own)
    case PING_INTERVAL: {
      if (Object.hasOwn(configuration.chosen, key)) return []
      const seconds = wholeNumber(own)
      return seconds === undefined || (seconds > 0 && seconds <= LONGEST_PING_S) ? [] : [String(PING_S)]
    }
    default:
      return []
  }
}

/** All that control reads, then only the current: some stations take few measurands (facts/ocpp16.md §6 row 17). */
function measurandWishes(configuration: StationConfiguration, own: string): readonly string[] {
  const listed = own.split(',').flatMap(part => (part.trim() === '' ? [] : [part.trim()]))
  const has = (name: string): boolean =>
    listed.some(entry => entry === name || entry.startsWith(`${name}.L`) || entry.startsWith(`${name}.N`))
  const missing = NEEDED.filter(name => !has(name))
  const most = wholeNumber(reportedValue(configuration, `${SAMPLED_DATA}MaxLength`) ?? '') ?? 0
  const wishes: string[] = []
  for (const more of [missing, missing.slice(0, 1)]) {
    const length = listed.length + more.length
    if (more.length > 0 && (most === 0 || length <= most)) wishes.push([...listed, ...more].join(','))
  }
  return has(NEEDED[0]) ? wishes.slice(0, 1) : wishes
}

/** What the CSMS believes the value to be. */
function csmsValue(configuration: StationConfiguration, key: string): string | undefined {
  return configuration.virtual[key]?.csms ?? reportedValue(configuration, key)
}

function withValue(before: StationConfiguration, key: string, value: string): StationConfiguration {
  const isKnown = Object.hasOwn(before.keys, key)
  if (!isKnown && (!isKeepableKey(key) || Object.keys(before.keys).length >= MAX_KEYS)) return before
  const known = isKnown ? before.keys[key] : undefined
  return {
    ...before,
    keys: {
      ...before.keys,
      [key]: { readonly: known?.readonly === true, value: value.slice(0, MAX_VALUE_CHARS) },
    },
  }
}

function pending(before: readonly string[], key: string, status: ChangeStatus): readonly string[] {
  const others = before.filter(name => name !== key)
  return status === 'RebootRequired' && isKeepableKey(key) ? [...others, key].slice(-MAX_KEYS) : others
}

function keysIn(
  conf: unknown,
  before: Readonly<Record<string, KnownKey>>,
): Readonly<Record<string, KnownKey>> {
  const keys: Record<string, KnownKey> = { ...before }
  let count = Object.keys(before).length
  for (const entry of listAt(conf, 'configurationKey')) {
    const key = textAt(entry, 'key')
    if (key === undefined || !isFields(entry) || !isKeepableKey(key)) continue
    if (!Object.hasOwn(keys, key) && count >= MAX_KEYS) continue
    if (!Object.hasOwn(keys, key)) count++
    const value = textAt(entry, 'value')?.slice(0, MAX_VALUE_CHARS)
    keys[key] = { readonly: entry.readonly === true, ...(value === undefined ? {} : { value }) }
  }
  return keys
}

function isKeepableKey(key: string): boolean {
  return key !== '__proto__' && key.length <= MAX_KEY_CHARS
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined
}

/**
 * Whether a station has no local list of its own: it has told its keys, names its feature profiles without it, and has none of
 * its keys either (some have the list and do not say so). Unknown is no.
 */
export function lacksLocalList(configuration: StationConfiguration): boolean {
  if (configuration.readWallMs === undefined) return false
  const profiles = reportedValue(configuration, 'SupportedFeatureProfiles')
  if (profiles === undefined || profiles.includes('LocalAuthList')) return false
  return !['LocalAuthListEnabled', 'LocalAuthListMaxLength', 'SendLocalListMaxLength'].some(
    key => reportedValue(configuration, key) !== undefined,
  )
}
