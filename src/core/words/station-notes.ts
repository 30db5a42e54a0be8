/** What was noticed of a station that is not as it should be: of one of its connectors ("it ..."), or of the whole of it. */
export const NOTE_WORDS = {
  'note-of-connector': 'Connector {connector}: {note}',
  'note-disobeys': 'it draws more than it was told, and goes on to: booked at its maximum.',
  'note-overshoots': 'its last sample was above everything that may be in force.',
  'note-refuses': 'it has refused {count} {count:profile|profiles in a row}.',
  'note-asked-later': 'it refused its last profile and is asked again later.',
  'note-one-phase': 'the car charges on one phase of three.',
  'note-first-seen': 'in {sessions} sessions the meter saw its first conductor on {phase}.',
  'note-third-seen':
    'in {sessions} sessions of cars on two phases the meter saw nothing on {phase}: its third conductor hangs there.',
  'note-car-on':
    'the meter saw this car on {phases} alone: the rest is left to others until something speaks against it.',
  'note-energy-only': 'it reports no amps of each phase: they are reckoned from energy or power.',
  'note-unreadable': 'what lies on it cannot be read back.',
  'note-not-verified': 'what lies on it was not read back yet: booked at its maximum.',
  'note-no-smart-charging': 'It says that it knows no charging profiles.',
  'note-no-trigger':
    'It knows no TriggerMessage: a sample cannot be asked for. Where its car takes less just as other load rises, current above a limit can last {longer} longer than promised.',
  'note-one-interval': 'one sample interval',
  'note-clock': 'Its clock cannot be trusted now: no more than its fail-safe.',
  'note-slow': 'It takes up to {seconds} s to answer.',
} as const
