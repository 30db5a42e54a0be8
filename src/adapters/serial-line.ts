/** Which serial lines are there, without opening one, and where else a meter may be looked for. */
import { readdirSync, realpathSync, statSync } from 'node:fs'
import { announcedHosts } from './announced-hosts.js'

/** Links, as in /dev/serial/by-id, are followed. False also where it may not be looked at. */
export function isSerialLine(path: string): boolean {
  try {
    return statSync(path).isCharacterDevice()
  } catch {
    return false // absent, or in a folder that is closed to us: not usable either way
  }
}

/** One name for all links to one line; the path itself where there is no such file. */
export function realSerialPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // not plugged in: nobody else has it either
  }
}

/** By-id names first, which stay when a plug moves; else the system's own. */
export function serialLines(): readonly string[] {
  const named = listed('/dev/serial/by-id').map(name => `/dev/serial/by-id/${name}`)
  const lines =
    named.length > 0
      ? named
      : listed('/dev')
          .filter(name => /^tty(USB|ACM|AMA|SC|RS485)/.test(name))
          .map(name => `/dev/${name}`)
  return lines.filter(isSerialLine).sort()
}

/** Where this machine can find meters. */
export const meterLines = {
  list: serialLines,
  realPath: realSerialPath,
  announced: () => announcedHosts(),
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // no such folder: nothing is plugged in
  }
}
