/** Faults of the Modbus server: what it names must be there, and each unit id means one thing. */
import { type Fault, fault } from './faults.js'
import { unknown } from './references.js'
import { show } from './shown.js'
import type { SiteConfig } from './site.js'

/** `config` fits the schema. */
export function modbusServerFaults({
  modbusServer,
  limits,
  meters,
}: Pick<SiteConfig, 'modbusServer' | 'limits' | 'meters'>): Fault[] {
  if (modbusServer === undefined) return []
  const { limit, passThrough = [], unitId: own } = modbusServer
  const read = meters.filter(({ connection }) => connection.kind !== 'virtual').map(({ id }) => id)
  return [
    ...registerFaults(limits.sources, limit?.source),
    ...(passThrough.length > 0 && own === 255
      ? [fault('modbusServer.unitId', 'own-unit-of-server', { found: '255' })]
      : []),
    ...passThrough.flatMap(({ meter, unitId }, at): Fault[] => {
      const path = `modbusServer.passThrough[${at}]`
      const first = passThrough.findIndex(other => other.unitId === unitId)
      return [
        ...(read.includes(meter) ? [] : [unknown(`${path}.meter`, meter, read)]),
        ...(unitId === own || first !== at ? [fault(`${path}.unitId`, 'own-unit', { unitId })] : []),
      ]
    }),
  ]
}

/** Whoever writes the register is a source like others: what its silence means has to be said. */
function registerFaults(sources: SiteConfig['limits']['sources'], source: string | undefined): Fault[] {
  if (source === undefined || sources.some(({ id, door }) => door === 'modbus' && id === source)) return []
  const known = sources.flatMap(({ id, door }) => (door === 'modbus' ? [id] : []))
  const path = 'modbusServer.limit.source'
  if (known.length > 0) return [unknown(path, source, known)]
  return [fault(path, 'modbus-source', { found: show(source) })]
}
