/**
 * What the process says of itself in Prometheus text: memory, CPU, event-loop lag, open handles, and which build it is.
 * One registry per process; must not know the site.
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** Reads package.json's version; the answer is asked at each scrape. */
export function createProcessMetrics(version: string): () => Promise<string> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'busbar_build_info',
    help: 'Always 1; the labels say which Busbar runs on which Node.js.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1)
  return () => registry.metrics()
}
