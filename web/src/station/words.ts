/** Every text of the station's own page, in one place. */
export const CURVES = [
  { key: 'csms', label: 'CSMS allows' },
  { key: 'ours', label: 'Busbar has told it' },
  { key: 'lease', label: 'falls to by itself' },
  { key: 'composite', label: 'holds' },
] as const
export type CurveKey = (typeof CURVES)[number]['key']

export const WORDS = {
  open: 'Next 24 hours, notes, messages',
  reading: 'Reading…',
  failed: 'It cannot be read now.',
  schedule: 'Next 24 hours',
  noLimit: 'no limit',
  aboutLease:
    'What lies on it counts down by itself: when Busbar is not heard it falls to its fail-safe, and nobody has to tell it.',
  notes: 'Noticed',
  noNotes: 'Nothing is out of the ordinary.',
  messages: 'Messages with Busbar',
  filter: 'Action',
  both: 'both ways',
  in: 'from the station',
  out: 'to the station',
  download: 'Download',
  whole: 'whole tags',
  masked: 'Tags are masked; secrets are never shown.',
  noMessages: 'None that fit.',
  again: 'Read again',
  setAll: 'Set all like this',
  ask: (key: string, value: string, count: number) =>
    `Set ${key} to "${value}" on ${count} other stations of this model?`,
  said: (done: number, of: number) => `${done} of ${of} took it`,
} as const
