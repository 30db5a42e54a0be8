/**
 * One event per line on standard output by pino: JSON for machines, or short lines for people at the demo.
 * Redacts nothing by magic: fields are scalars, and who writes an event leaves idTags and passwords out (style rule 13).
 */
import { pino } from 'pino'
import type { Log, LogLevel, Stoppable } from '../ports.js'
import { LineWriter, stdoutFd } from './line-writer.js'

/** For the last lines, when the process ends and its reader is slow. */
const STOP_GRACE_MS = 500

export interface LogOptions {
  /** `json`: {"level":"info","time":"...Z","event":"...",...}. `human`: `12:03:04 info  station connected  station=CP-1`. */
  readonly format?: 'json' | 'human'
  /** Events below it are left out. */
  readonly level?: LogLevel
  /** Milliseconds since 1970, where time does not run as outside. */
  readonly wallMs?: () => number
  /** Where lines go instead of standard output. */
  readonly write?: (line: string) => void
}

type Fields = Readonly<Record<string, string | number | boolean | undefined>>

/** Lines go out in the background; whoever ends the process awaits `stop`, which lets the last ones leave. */
export function createLog(options: LogOptions = {}): Log & Stoppable {
  const { format = 'json', level = 'info', wallMs = Date.now, write } = options
  const stdout = new LineWriter(stdoutFd())
  if (write === undefined) standard = stdout
  const stream = { write: write ?? ((line: string) => stdout.write(line)) }
  const machine = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(wallMs()).toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
    },
    stream,
  )
  const put = (eventLevel: LogLevel, event: string, fields: Fields) => {
    if (format === 'json') machine[eventLevel]({ ...fields, event })
    else if (machine.isLevelEnabled(eventLevel)) stream.write(humanLine(wallMs(), eventLevel, event, fields))
  }
  return {
    write(eventLevel, event, fields = {}) {
      const lines = stdout.takeDropped()
      if (lines > 0) put('warn', 'log-lines-dropped', { lines })
      put(eventLevel, event, fields)
    },
    stop: () => stdout.empty(STOP_GRACE_MS),
  }
}

let standard: LineWriter | undefined

/** The last line written there has been taken by nobody, and the system waits for it. */
export function isStdoutStuck(): boolean {
  return standard?.isWriting === true && !standard.isNonBlocking
}

function humanLine(wallMs: number, level: LogLevel, event: string, fields: Fields): string {
  const time = new Date(wallMs).toTimeString().slice(0, 8)
  const shown = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${quoted(String(value))}`],
  )
  return `${[`${time} ${level.padEnd(5)} ${event.replaceAll(/[-._]/g, ' ')}`, ...shown].join('  ')}\n`
}

/** Station text must not start a line of its own or imitate another field. */
function quoted(text: string): string {
  return /^[\w.:/@+*|%-]+$/.test(text) ? text : JSON.stringify(text)
}
