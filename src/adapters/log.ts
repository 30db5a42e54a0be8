/**
 * One event per line on standard output by pino: JSON for machines, or short lines for people at the demo.
 * Redacts nothing by magic: fields are scalars, and who writes an event leaves idTags and passwords out (style rule 13).
 */
import { type DestinationStream, pino } from 'pino'
import type { Log, LogLevel, Stoppable } from '../ports.js'

/** Lines wait here while standard output is not read; more are dropped rather than kept or waited for. */
const MAX_WAITING_BYTES = 1024 * 1024

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

/** `stop` writes out what still waits. */
export function createLog(options: LogOptions = {}): Log & Stoppable {
  const { format = 'json', level = 'info', wallMs = Date.now, write } = options
  const stdout = write ? undefined : pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES })
  const stream: DestinationStream = stdout ?? { write: write ?? (() => undefined) }
  const machine = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(wallMs()).toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
    },
    stream,
  )
  return {
    write(eventLevel, event, fields = {}) {
      if (format === 'json') machine[eventLevel]({ ...fields, event })
      else if (machine.isLevelEnabled(eventLevel))
        stream.write(humanLine(wallMs(), eventLevel, event, fields))
    },
    async stop() {
      stdout?.flushSync()
    },
  }
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
