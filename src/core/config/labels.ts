/**
 * What a form and the JSON Schema say of a key, in English: label, help, unit, and its values in words. The page has the same
 * in German and Portuguese; a test sees to it that no key lacks one.
 */

/** A number's unit is what the end of its key says (`shown.ts`). */
export const said = (title: string, description: string, unit?: string) => ({
  title,
  description,
  ...(unit !== undefined && { unit }),
})

/** What each value that can be chosen means; the document has the value itself. */
export const inWords = (valueWords: Readonly<Record<string | number, string>>) => ({ valueWords })

export const WEEKDAY_WORDS = inWords({
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
})
export const SECURITY_PROFILE_WORDS = inWords({
  0: 'none',
  1: 'password',
  2: 'TLS and password',
  3: 'TLS and certificate of the station',
})
export const DOOR_WORDS = inWords({ mqtt: 'MQTT', api: 'API', modbus: 'Modbus', input: 'digital input' })
