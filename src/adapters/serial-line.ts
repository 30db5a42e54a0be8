/** Whether a serial line is there, without opening it. */
import { statSync } from 'node:fs'

/** Links, as in /dev/serial/by-id, are followed. False also where it may not be looked at. */
export function isSerialLine(path: string): boolean {
  try {
    return statSync(path).isCharacterDevice()
  } catch {
    return false // absent, or in a folder that is closed to us: not usable either way
  }
}
