/** What a command says to whoever typed it. */

/** On stderr; gives the exit code back. */
export function complain(lines: readonly string[], exitCode: number): number {
  process.stderr.write(`${lines.join('\n')}\n`)
  return exitCode
}
