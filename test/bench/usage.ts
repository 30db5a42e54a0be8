/** What a relay process tells about itself; `gc` needs node's `--expose-gc`. */
import type { Operations } from './rpc.js'

export const usage: Operations = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return { cpuUs: user + system }
  },
  memory: () => ({ rssB: process.memoryUsage.rss() }),
  /** What is alive; full collections first, so that garbage does not count. */
  heap: () => {
    globalThis.gc?.()
    globalThis.gc?.()
    return { heapB: process.memoryUsage().heapUsed, rssB: process.memoryUsage.rss() }
  },
}
