/**
 * The edge as main runs it, on a disk that may fail: with a journal or without one until there is, and a document that is
 * saved again and again beside it. Arguments: folder, CSMS port, own port (0 = any). Prints a line for the port, for the
 * number the document had at the start, and for each number that is durable.
 */
import { createFiles } from '../../src/adapters/files.js'
import { withJournal } from '../../src/adapters/journal-stand-in.js'
import { quietLog, siteOf, startEdge } from '../ocpp/both-sides.js'

const SAVE_EVERY_MS = 150
const [dataDir = '', csmsPort = '0', ownPort = '0'] = process.argv.slice(2)
let port = Number(ownPort)

const openFiles = () => {
  try {
    return createFiles({ configPath: `${dataDir}/busbar.json`, dataDir, log: quietLog })
  } catch {
    // the folder could not be listed: main starts in this way too, and so does the next life of this process
    return undefined
  }
}
const files = openFiles()
let isReadable = true
const kept = await files?.load('secrets').catch(() => {
  // main ends where it cannot be read, and writes nothing over it
  isReadable = false
  return undefined
})
let number = Number(Reflect.get(Object(kept), 'number') ?? -1)
console.log(`has ${files === undefined || kept === undefined ? 'unknown' : number}`)
const save = async (): Promise<void> => {
  const next = number + 1
  number = next
  await files?.save('secrets', { number: next })
  console.log(`saved ${next}`)
}
if (isReadable) setInterval(() => void save().catch(() => undefined), SAVE_EVERY_MS)

await withJournal({ dataDir, log: quietLog, tryAgainMs: 300 }, async ({ journal, fault }) => {
  const config = siteOf({
    stations: ['CP-1'],
    csmsPort: Number(csmsPort),
    offline: { AllowOfflineTxForUnknownId: true },
  })
  const { edge } = await startEdge({ ...config, ocpp: { ...config.ocpp, port } }, journal, 10, {
    replayHold: () => fault,
    hasJournal: fault === undefined,
  })
  if (port === 0) console.log(`port ${edge.port}`)
  port = edge.port
  return edge
})
