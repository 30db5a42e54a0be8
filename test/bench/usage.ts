/** What a relay process tells about itself; `gc` needs node's `--expose-gc`. */
import { readFileSync } from 'node:fs'
import type { Operations } from './rpc.js'

export const usage: Operations = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return { cpuUs: user + system }
  },
  /** `fileB`: pages of files, such as tables of the journal, which the system may take back. */
  memory: () => ({ rssB: process.memoryUsage.rss(), fileB: filePagesB() }),
  /** What is alive; full collections first, so that garbage does not count. */
  heap: () => {
    globalThis.gc?.()
    globalThis.gc?.()
    return { heapB: process.memoryUsage().heapUsed, rssB: process.memoryUsage.rss() }
  },
}

function filePagesB(): number {
  const kib = /^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Number(kib ?? 0) * 1024
}
