/**
 * What people ask about meters: a scan of lines, one reading, what is known of a running meter. One at a time, bounded in
 * time. A line that a running meter uses is left alone: two masters on one line read wrong values or none.
 */
import { fault } from '../core/config/faults.js'
import type { MeterConfig } from '../core/config/site.js'
import type { MeterReading } from '../core/events.js'
import type { MeterValuesView } from '../core/view/meter-values.js'
import type { MeterDevice } from '../modbus/device-schema.js'
import { lineKey } from '../modbus/line-key.js'
import { MeterUnit } from '../modbus/meter-unit.js'
import { hostOf, type SearchTarget, searchTarget, unitIdsOf } from '../modbus/search.js'
import type { BusConnection, Ports } from '../ports.js'
import type {
  MeterDesk,
  ReadOutcome,
  ReadWish,
  ScannedLine,
  ScanOutcome,
  ScanWish,
  Shown,
} from '../web/meter-desk.js'
import type { WiringChecks } from './wiring-checks.js'

/** A page that waits longer is taken for one that hangs. */
const SCAN_MS = 90_000
const CONNECT_TIMEOUT_MS = 2_000

/** The serial lines of this machine, and who announces Modbus in its network. */
export interface SerialLines {
  /** Plugged in, by-id names where the system has them. */
  list(): readonly string[]
  /** The same for two names of one line. */
  realPath(path: string): string
  /** A few seconds long; never rejects. Absent where the network is not asked. */
  announced?(): Promise<
    readonly {
      readonly name: string
      readonly host: string
      readonly port: number
      readonly alias: string
    }[]
  >
}

export interface MeterDeskParts {
  /** Of people: what a scan may take is counted by it. */
  readonly ports: Pick<Ports, 'bus' | 'clock' | 'log'>
  readonly devices: ReadonlyMap<string, MeterDevice>
  readonly serial: SerialLines
  /** That run. */
  readonly meters: readonly MeterConfig[]
  values(meterId: string): MeterValuesView | undefined
  /** None in set-up mode. */
  readonly checks?: Pick<WiringChecks, 'run' | 'view'>
}

interface Asked {
  readonly where: string
  readonly target: SearchTarget
  /** Another name of the same. */
  readonly alias?: SearchTarget
}

export function meterDesk(parts: MeterDeskParts): MeterDesk {
  const { ports, devices, serial, meters } = parts
  let isBusy = false
  /** At most one of them uses a bus at a time. */
  const alone = async <T>(run: () => Promise<T>): Promise<T | { readonly kind: 'busy' }> => {
    if (isBusy) return { kind: 'busy' }
    isBusy = true
    try {
      return await run()
    } finally {
      isBusy = false
    }
  }
  const usersOf = (target: SearchTarget): readonly string[] => {
    const key = keyOf(target, serial)
    return meters
      .filter(
        ({ connection }) =>
          connection.kind !== 'virtual' && keyOf({ kind: 'line', connection }, serial) === key,
      )
      .map(({ id }) => id)
  }
  return {
    values: meterId => parts.values(meterId),
    checkWiring: (meterId, running) => parts.checks?.run(meterId, running),
    wiringCheck: meterId => parts.checks?.view(meterId),
    scan: wish => {
      const asked = askedFor(wish, serial.list())
      if ('kind' in asked) return Promise.resolve(asked)
      return alone(async (): Promise<ScanOutcome> => {
        const untilMs = ports.clock.monoMs() + SCAN_MS
        const bound = { bus: ports.bus, monoMs: () => ports.clock.monoMs(), untilMs }
        const lines: ScannedLine[] = []
        const announced = wish.announced === true ? ((await serial.announced?.()) ?? []) : []
        const hosts = announced.map(({ name, host, port, alias }) => ({
          where: `${host}:${port} (${name})`,
          target: { kind: 'host' as const, host, port },
          alias: { kind: 'host' as const, host: alias, port },
        }))
        for (const { where, target, alias } of [...asked.asked, ...hosts]) {
          const users = [...usersOf(target), ...(alias === undefined ? [] : usersOf(alias))]
          if (users.length > 0) {
            lines.push({ where, state: 'in use', text: `by meter ${users.join(', ')}`, units: [] })
            continue
          }
          const found = await searchTarget(bound, target, { devices, unitIds: asked.unitIds })
          lines.push(lineOf(where, found))
        }
        return { kind: 'done', serialLines: serial.list(), lines }
      })
    },
    read: wish => {
      const device = devices.get(wish.device)
      if (device === undefined) return Promise.resolve(unfit('device', 'device-file', wish.device))
      const { connection } = wish
      if (connection.kind === 'virtual')
        return Promise.resolve(unfit('connection.kind', 'read-meter', connection.kind))
      if (connection.kind === 'rtu' && !serial.list().includes(connection.path))
        return Promise.resolve(unplugged(connection.path, 'connection.path'))
      const users = usersOf({ kind: 'line', connection })
      if (users.length > 0) return Promise.resolve({ kind: 'in use', meters: users })
      return alone(() => readOnce(ports, device, { ...wish, connection }))
    },
  }
}

/** Two masters on one wire meet, whatever they call it. */
function keyOf(target: SearchTarget, serial: SerialLines): string {
  switch (target.kind) {
    case 'host':
      return lineKey({ ...target, kind: 'tcp' })
    case 'serial':
      return serial.realPath(target.path)
    case 'line':
      return target.connection.kind === 'rtu'
        ? serial.realPath(target.connection.path)
        : lineKey(target.connection)
  }
}

function askedFor(
  wish: ScanWish,
  plugged: readonly string[],
):
  | { readonly asked: readonly Asked[]; readonly unitIds: readonly number[] }
  | Extract<ScanOutcome, { kind: 'unfit' }> {
  const units = unitIdsOf(wish.unitIds)
  if ('code' in units) return { kind: 'unfit', path: 'unitIds', ...units }
  const asked: Asked[] = []
  for (const [at, where] of wish.hosts.entries()) {
    const host = hostOf(where)
    if (host === undefined) return unfit(`hosts[${at}]`, 'scan-address', where)
    asked.push({ where, target: { kind: 'host', ...host } })
  }
  const isBare = wish.hosts.length === 0 && wish.announced !== true
  const paths = wish.serialLines ?? (isBare ? plugged : [])
  for (const [at, path] of paths.entries()) {
    // No other file of this machine is opened because a page says so.
    if (!plugged.includes(path)) return unplugged(path, `serialLines[${at}]`)
    asked.push({ where: path, target: { kind: 'serial', path } })
  }
  return { asked, unitIds: units.unitIds }
}

function unfit(
  path: string,
  code: 'device-file' | 'read-meter' | 'scan-address' | 'plugged-line',
  found: string,
): Extract<ScanOutcome, { kind: 'unfit' }> {
  return { kind: 'unfit', ...fault(path, code, { found }) }
}

function unplugged(found: string, path: string): Extract<ScanOutcome, { kind: 'unfit' }> {
  return unfit(path, 'plugged-line', found)
}

function lineOf(where: string, found: Awaited<ReturnType<typeof searchTarget>>): ScannedLine {
  const { units, fault, cut } = found
  return {
    where,
    state: fault !== undefined ? 'not opened' : cut ? 'cut short' : 'searched',
    ...(fault !== undefined && { text: fault }),
    units: units.map(({ unitId, connection, saysOfItself, alike, guesses }) => ({
      unitId,
      connection: { ...connection },
      ...(saysOfItself !== undefined && { saysOfItself }),
      ...(alike !== undefined && { alike }),
      models: guesses.map(({ device, confidence, reading, evidence }) => ({
        device: device.id,
        manufacturer: device.manufacturer,
        model: device.model,
        confidence,
        ...(evidence !== undefined && { evidence }),
        values: shown(reading),
      })),
    })),
  }
}

async function readOnce(
  { bus, clock }: Pick<Ports, 'bus' | 'clock'>,
  device: MeterDevice,
  wish: ReadWish & { readonly connection: BusConnection },
): Promise<ReadOutcome> {
  const { connection } = wish
  const opening = await bus.connect(connection, CONNECT_TIMEOUT_MS)
  if (opening.kind === 'failed')
    return { kind: 'read', values: { fault: `no connection: ${opening.detail}` } }
  const { unitId } = wish
  const unit = new MeterUnit({ ...wish, id: 'read', pollMs: 1_000 }, device)
  try {
    const { reading } = await unit.poll(
      (address, count, functionCode = device.functionCode) =>
        opening.line.read({ unitId, functionCode, address, count, timeoutMs: device.timeoutMs }),
      clock.monoMs(),
    )
    return { kind: 'read', values: shown(reading) }
  } finally {
    opening.line.close()
  }
}

function shown({ meterId: _id, monoMs: _at, powerFactor, ...values }: MeterReading): Shown {
  return { ...values, ...(powerFactor !== undefined && { powerFactor: powerFactor.map(it => it ?? null) }) }
}
