/** What Busbar is asked to do on the command line. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type ReplayQuestion, replayQuestion } from './gateway/replay-report.js'

const USAGE = `usage:
  node dist/main.js run   --config FILE [--data FOLDER] [--web-port N] [--exit-on-fault]
  node dist/main.js check --config FILE [--data FOLDER] [--strict]
  node dist/main.js password [--user NAME] [--data FOLDER]
  node dist/main.js meters scan | read | dump ...
  node dist/main.js replay --from TIME [--to TIME] [--data FOLDER] [--what-if circuits.main.ratedCurrentA=80]...
password prints a new password for a user who lost theirs (admin, where none is named); Busbar may run meanwhile.
--web-port is the port of the page while there is no sound configuration; with --exit-on-fault there is no such page.`

export interface Arguments {
  readonly command: 'run' | 'check'
  readonly config: string
  readonly data: string
  readonly webPort?: number
  readonly exitOnFault: boolean
  /** A fault that the protection curve does not bound is a reason to refuse. */
  readonly strict: boolean
}

export interface ReplayArguments {
  readonly command: 'replay'
  readonly data: string
  readonly question: ReplayQuestion
}

export interface PasswordArguments {
  readonly command: 'password'
  readonly data: string
  readonly user: string
}

/** A text is what is wrong with them, and how they are given. */
export function readArguments(): Arguments | ReplayArguments | PasswordArguments | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        data: { type: 'string', default: './data' },
        'web-port': { type: 'string' },
        'exit-on-fault': { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        user: { type: 'string', default: 'admin' },
        from: { type: 'string' },
        to: { type: 'string' },
        'what-if': { type: 'string', multiple: true, default: [] },
      },
    })
    const [command] = positionals
    if (positionals.length === 1 && command === 'replay') {
      const question = replayQuestion({ from: values.from, to: values.to, whatIf: values['what-if'] })
      if (typeof question === 'string') return `${question}\n${USAGE}`
      return { command, data: resolve(values.data), question }
    }
    if (positionals.length === 1 && command === 'password')
      return { command, data: resolve(values.data), user: values.user }
    if (positionals.length !== 1 || (command !== 'run' && command !== 'check')) return USAGE
    if (values.config === undefined) return USAGE
    const webPort = values['web-port']
    if (webPort !== undefined && !(/^\d{1,5}$/.test(webPort) && Number(webPort) <= 65535))
      return `--web-port: found "${webPort}", expected a number from 0 to 65535\n${USAGE}`
    return {
      command,
      config: resolve(values.config),
      data: resolve(values.data),
      ...(webPort !== undefined && { webPort: Number(webPort) }),
      exitOnFault: values['exit-on-fault'],
      strict: values.strict,
    }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`
  }
}
