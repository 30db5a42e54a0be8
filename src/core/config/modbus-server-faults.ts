/** Faults of the Modbus server: what it names must be there, and each unit id means one thing. */
import { type Fault, show } from './faults.js'
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
      ? [
          {
            path: 'modbusServer.unitId',
            found: '255',
            expected: '1 to 247, as other units are passed through',
          },
        ]
      : []),
    ...passThrough.flatMap(({ meter, unitId }, at): Fault[] => {
      const path = `modbusServer.passThrough[${at}]`
      const first = passThrough.findIndex(other => other.unitId === unitId)
      return [
        ...(read.includes(meter)
          ? []
          : [
              {
                path: `${path}.meter`,
                found: show(meter),
                expected: `one of ${read.slice(0, 12).join(', ')}`,
              },
            ]),
        ...(unitId === own || first !== at
          ? [{ path: `${path}.unitId`, found: `${unitId}, already in use`, expected: 'a unit id of its own' }]
          : []),
      ]
    }),
  ]
}

/** Whoever writes the register is a source like others: what its silence means has to be said. */
function registerFaults(sources: SiteConfig['limits']['sources'], source: string | undefined): Fault[] {
  if (source === undefined || sources.some(({ id, door }) => door === 'modbus' && id === source)) return []
  const known = sources.flatMap(({ id, door }) => (door === 'modbus' ? [id] : []))
  const expected =
    known.length > 0 ? `one of ${known.join(', ')}` : 'an entry of limits.sources by the door "modbus"'
  return [{ path: 'modbusServer.limit.source', found: show(source), expected }]
}
