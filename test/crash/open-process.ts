/** Opens the journal in the folder it is given, prints how many messages wait in it and how many batches are missing, and ends. */
import { openJournal } from '../../src/adapters/journal.js'

const [dataDir = ''] = process.argv.slice(2)
const journal = await openJournal({ dataDir, log: { write: () => undefined } })
const waiting = await journal.scan('log/', 'log0', 1000)
console.log(waiting.length, journal.found.damage?.missingBatches ?? 0)
await journal.stop()
