/** The Modbus TCP server for building controllers, where one is configured: never older than half a second, one limit to write at most. */
import type { SiteConfig } from '../core/config/site.js'
import type { OrderDesk } from '../core/control/order-desk.js'
import type { OrderBook } from '../core/limits/book.js'
import { limitKey } from '../core/limits/limit.js'
import type { SiteView } from '../core/view/document.js'
import type { GuestRead } from '../modbus/guest-reads.js'
import { LimitRegister } from '../modbus/limit-register.js'
import { LIMIT_ADDRESS, SITE_MAP_BASE, siteRegisters } from '../modbus/site-map.js'
import type { BusReply, Ports, Stoppable } from '../ports.js'

const OLDEST_MS = 500
const ILLEGAL_ADDRESS = 2
const NOTHING: Stoppable = { stop: async () => undefined }

type Configured = Pick<SiteConfig, 'modbusServer' | 'limits'>

interface Served {
  view(): SiteView
  readonly orders: OrderDesk
  /** What holds now. */
  book(): OrderBook
  passThrough(meterId: string, read: GuestRead): Promise<BusReply>
}

/** Rejects with the reason when the port cannot be had. */
export async function startSiteRegisters(
  ports: Pick<Ports, 'bus' | 'clock' | 'log'>,
  config: Configured,
  site: Served,
): Promise<Stoppable> {
  const { modbusServer } = config
  if (modbusServer === undefined) return NOTHING
  if (ports.bus.serve === undefined) {
    ports.log.write('warn', 'no modbus server here', {})
    return NOTHING
  }
  const limit = limitRegister(ports, config, site)
  let image: { readonly atMs: number; readonly words: Uint16Array } | undefined
  const words = (): Uint16Array => {
    const nowMs = ports.clock.monoMs()
    if (image === undefined || nowMs - image.atMs >= OLDEST_MS)
      image = { atMs: nowMs, words: siteRegisters(site.view(), limit?.shown()) }
    return image.words
  }
  const { host, port, unitId, passThrough } = modbusServer
  const others = passThrough?.map(
    it => [it.unitId, (read: GuestRead) => site.passThrough(it.meter, read)] as const,
  )
  const server = await ports.bus.serve({
    ...{ host, port, unitId },
    read: (_functionCode, address) => words()[address - SITE_MAP_BASE] ?? 0,
    exceptionOn: (_functionCode, address, count) =>
      address < SITE_MAP_BASE || address + count > SITE_MAP_BASE + words().length
        ? ILLEGAL_ADDRESS
        : undefined,
    ...(others !== undefined && { passThrough: new Map(others) }),
    ...(limit !== undefined && {
      write: async (address: number, value: number) => {
        if (address !== LIMIT_ADDRESS) return ILLEGAL_ADDRESS
        image = undefined
        const refused = await limit.write(value)
        image = undefined
        return refused
      },
    }),
  })
  ports.log.write('info', 'modbus server', { host, port: server.port })
  return server
}

/** Undefined where none is configured. */
function limitRegister(
  ports: Pick<Ports, 'clock'>,
  { modbusServer, limits }: Configured,
  site: Pick<Served, 'book' | 'orders'>,
): LimitRegister | undefined {
  const { source: id, validForS } = modbusServer?.limit ?? {}
  const source = limits.sources.find(it => it.door === 'modbus' && it.id === id)
  if (source === undefined || validForS === undefined) return undefined
  return new LimitRegister({
    ...{ source, validForS, desk: site.orders },
    monoMs: () => ports.clock.monoMs(),
    inForce: () => {
      const order = site.book().get(limitKey({ source: 'modbus', id: source.id }))
      if (order === undefined || order.value.unit !== 'A') return undefined
      return { limitA: order.value.perPhase, untilMonoMs: order.untilMonoMs }
    },
  })
}
