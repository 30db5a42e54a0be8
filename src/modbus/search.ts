/**
 * What a scan tries where not everything is known: a host that may speak Modbus TCP or pass RTU frames, a serial line of
 * unknown speed. In the order in which meters leave the factories, each bounded. The first way that answers ends it: two
 * meters on one line share its way.
 */
import { type Told, told } from '../core/words/told.js'
import type { BusConnection } from '../ports.js'
import type { MeterDevice } from './device-schema.js'
import { type FoundUnit, type ScanPorts, scanLine } from './scan.js'

export type SearchTarget =
  | { readonly kind: 'line'; readonly connection: BusConnection }
  /** Modbus TCP or RTU over TCP: a wrong guess is only silence, so both are asked. */
  | { readonly kind: 'host'; readonly host: string; readonly port: number }
  /** 8 data bits, 1 stop bit. */
  | { readonly kind: 'serial'; readonly path: string }

export interface Searching {
  readonly devices: ReadonlyMap<string, MeterDevice>
  readonly unitIds: readonly number[]
  /** Called before each way that is tried. */
  readonly trying?: (connection: BusConnection) => void
}

export interface Searched {
  readonly units: readonly FoundUnit[]
  /** Why it could not be opened. */
  readonly fault?: string
  /** The time was over before everything was asked. */
  readonly cut: boolean
}

type SerialConnection = Extract<BusConnection, { readonly kind: 'rtu' }>
const USUAL_RATES: readonly Pick<SerialConnection, 'baudRate' | 'parity'>[] = [
  { baudRate: 9600, parity: 'none' },
  { baudRate: 9600, parity: 'even' },
  { baudRate: 19200, parity: 'even' },
  { baudRate: 19200, parity: 'none' },
  { baudRate: 38400, parity: 'none' },
  { baudRate: 115200, parity: 'none' },
  { baudRate: 2400, parity: 'none' },
]
/** More would take minutes on a silent line: 0.8 s per silent unit and way. */
const MAX_UNITS = 64

export async function searchTarget(
  ports: ScanPorts,
  target: SearchTarget,
  { devices, unitIds, trying }: Searching,
): Promise<Searched> {
  const isOver = () => ports.untilMs !== undefined && ports.monoMs() >= ports.untilMs
  for (const connection of waysOf(target)) {
    if (isOver()) break
    trying?.(connection)
    const found = await scanLine(ports, connection, devices.values(), unitIds)
    if (typeof found === 'string') return { units: [], fault: found, cut: false }
    if (found.length > 0) return { units: found, cut: isOver() }
  }
  return { units: [], cut: isOver() }
}

function waysOf(target: SearchTarget): readonly BusConnection[] {
  switch (target.kind) {
    case 'line':
      return [target.connection]
    case 'host': {
      const { host, port } = target
      return [
        { kind: 'tcp', host, port },
        { kind: 'rtu-over-tcp', host, port },
      ]
    }
    case 'serial':
      return USUAL_RATES.map(rate => ({
        kind: 'rtu',
        path: target.path,
        dataBits: 8,
        stopBits: 1,
        ...rate,
      }))
  }
}

/** "1-5,255" as numbers; what was found and expected where it is no such list. */
export function unitIdsOf(text: string): { readonly unitIds: readonly number[] } | Told {
  const unitIds: number[] = []
  for (const part of text.split(',')) {
    const [, first = '', last = first] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part.trim()) ?? []
    if (first === '' || Number(first) > Number(last) || Number(last) > 255)
      return told('unit-ids', { found: text })
    for (let id = Number(first); id <= Number(last); id++) if (!unitIds.includes(id)) unitIds.push(id)
  }
  return unitIds.length > MAX_UNITS
    ? told('units-at-once', { found: String(unitIds.length), most: MAX_UNITS })
    : { unitIds }
}

/** "10.0.0.5", "meter.local:503" or "[fe80::1]:502"; undefined where it is none. */
export function hostOf(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, named, host = named, port = '502'] =
    /^(?:\[([0-9A-Fa-f:.%]+)\]|([A-Za-z0-9.-]{1,253}))(?::(\d{1,5}))?$/.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65535) return undefined
  return { host, port: Number(port) }
}

/** As people write it: "tcp://10.0.0.5:502", "/dev/ttyUSB0 at 9600 8N1". */
export function nameOf(connection: BusConnection): string {
  return connection.kind === 'rtu'
    ? `${connection.path} at ${connection.baudRate} 8${connection.parity[0]?.toUpperCase()}${connection.stopBits}`
    : `${connection.kind}://${connection.host}:${connection.port}`
}
