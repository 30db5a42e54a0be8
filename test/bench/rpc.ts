/**
 * The bench's processes talk by IPC: a named operation with numbers and texts in, numbers out. The parent waits for
 * each answer; a child that dies fails whoever waits.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export type Args = Readonly<Record<string, string | number>>
export type Numbers = Readonly<Record<string, number>>
export type Operations = Readonly<Record<string, (args: Args) => Numbers | Promise<Numbers>>>

const request = z.object({
  id: z.number(),
  operation: z.string(),
  args: z.record(z.string(), z.union([z.string(), z.number()])),
})
const reply = z.object({
  id: z.number(),
  numbers: z.record(z.string(), z.number()).optional(),
  fault: z.string().optional(),
})

/** The child's side: answers until the parent is gone. */
export function serve(operations: Operations): void {
  process.on('message', message => {
    const { id, operation, args } = request.parse(message)
    Promise.resolve(operations[operation]?.(args)).then(
      numbers => process.send?.({ id, numbers }),
      (error: unknown) =>
        process.send?.({
          id,
          fault: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
    )
  })
  process.on('disconnect', () => process.exit(0))
}

export function textOf(args: Args, name: string): string {
  return String(args[name] ?? '')
}

export function numberOf(args: Args, name: string): number {
  return Number(args[name] ?? 0)
}

interface Waiting {
  readonly done: (numbers: Numbers) => void
  readonly failed: (error: Error) => void
}

export class BenchProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  /** `file` beside this one, without ending. */
  constructor(file: string, execArgv: readonly string[] = []) {
    this.#child = fork(fileURLToPath(new URL(`./${file}.js`, import.meta.url)), [], {
      execArgv: [...execArgv],
      // as `npm start` and the image run it
      env: { ...process.env, MALLOC_ARENA_MAX: '2' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child.on('message', message => {
      const { id, numbers, fault } = reply.parse(message)
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (fault === undefined) waiting?.done(numbers ?? {})
      else waiting?.failed(new Error(`${file}: ${fault}`))
    })
    this.#child.on('exit', code => {
      for (const { failed } of this.#waiting.values()) failed(new Error(`${file} ended with ${code}`))
      this.#waiting.clear()
    })
  }

  /** Rejects when the child reports a fault or dies. */
  ask(operation: string, args: Args = {}): Promise<Numbers> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed })
      this.#child.send({ id, operation, args })
    })
  }

  /** One number of the answer; rejects when it is not in it. */
  async number(operation: string, name: string, args: Args = {}): Promise<number> {
    const number = (await this.ask(operation, args))[name]
    if (number === undefined) throw new Error(`${operation} gave no ${name}`)
    return number
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
