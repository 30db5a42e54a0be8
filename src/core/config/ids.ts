/** What may be an id: of what the configuration names, and of a station as it says it. */
import { z } from 'zod'
import { expecting } from './faults.js'

export const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, expecting('id'))
/** Identities as stations send them, after one percent-decoding. */
export const STATION_ID = /^[A-Za-z0-9*+=:|@._-]{1,48}$/
