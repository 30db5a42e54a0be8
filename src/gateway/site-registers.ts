/** The Modbus TCP server for building controllers, where one is configured: read-only, and never older than half a second. */
import type { SiteConfig } from '../core/config/site.js'
import type { SiteView } from '../core/view/document.js'
import { SITE_MAP_BASE, siteRegisters } from '../modbus/site-map.js'
import type { Ports, Stoppable } from '../ports.js'

const OLDEST_MS = 500
const ILLEGAL_ADDRESS = 2
const NOTHING: Stoppable = { stop: async () => undefined }

/** Rejects with the reason when the port cannot be had. */
export async function startSiteRegisters(
  ports: Pick<Ports, 'bus' | 'clock' | 'log'>,
  config: SiteConfig['modbusServer'],
  view: () => SiteView,
): Promise<Stoppable> {
  if (config === undefined) return NOTHING
  if (ports.bus.serve === undefined) {
    ports.log.write('warn', 'no modbus server here', {})
    return NOTHING
  }
  let image: { readonly atMs: number; readonly words: Uint16Array } | undefined
  const words = (): Uint16Array => {
    const nowMs = ports.clock.monoMs()
    if (image === undefined || nowMs - image.atMs >= OLDEST_MS)
      image = { atMs: nowMs, words: siteRegisters(view()) }
    return image.words
  }
  const server = await ports.bus.serve({
    ...config,
    read: (_functionCode, address) => words()[address - SITE_MAP_BASE] ?? 0,
    exceptionOn: (_functionCode, address, count) =>
      address < SITE_MAP_BASE || address + count > SITE_MAP_BASE + words().length
        ? ILLEGAL_ADDRESS
        : undefined,
  })
  ports.log.write('info', 'modbus server', { host: config.host, port: server.port })
  return server
}
