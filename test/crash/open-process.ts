/**
 * Opens the journal in the folder it is given, prints how many messages wait in it, how many batches are missing and whether it was said
 * that anything is wrong, and ends. With a second argument it has taken note of that.
 */
import { openJournal } from '../../src/adapters/journal.js'

const [dataDir = '', isToldWord] = process.argv.slice(2)
const journal = await openJournal({ dataDir, log: { write: () => undefined } })
const waiting = await journal.scan('log/', 'log0', 10_000)
const { damage, rolledBack, told } = journal.found
console.log(
  waiting.length,
  damage?.missingBatches ?? 0,
  damage === undefined ? 'sound' : 'damaged',
  rolledBack,
)
if (isToldWord !== undefined) await told?.()
await journal.stop()
