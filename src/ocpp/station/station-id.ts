/**
 * The identity of a station from the path it connects to: `/ocpp/<id>`, percent-decoded exactly once (OCPP-J 1.6
 * §3.1.1). What passes here is safe to compare and to log; it is still never a file name or a topic.
 */
import { STATION_ID } from '../../core/config/ids.js'

const PREFIX = '/ocpp/'

/** Undefined when the path is another one, does not decode, or names no allowed identity. A query is not looked at. */
export function stationIdFromPath(rawPath: string): string | undefined {
  const path = rawPath.split('?', 1)[0] ?? ''
  if (!path.startsWith(PREFIX)) return undefined
  const id = decodeOnce(path.slice(PREFIX.length))
  if (id === undefined || id === '.' || id === '..') return undefined
  return STATION_ID.test(id) ? id : undefined
}

function decodeOnce(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined // broken percent-encoding
  }
}
