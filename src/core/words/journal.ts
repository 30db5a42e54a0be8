/** What is said of a journal that is another's, older than what was delivered, or damaged. */
export const JOURNAL_WORDS = {
  'journal-of-another-site':
    'The journal is that of site "{found}", this is "{site}": nothing that waits in it is sent to this CSMS.',
  'journal-rolled-back':
    'The journal is older than what was already delivered from it (a copy was put back): nothing that waits in it is sent.',
  'journal-damaged': 'The journal was damaged: {what}.',
  'journal-damaged-kept': 'The journal was damaged: {what}. As it was found it lies in {copy}.',
  'journal-damaged-again': '{now} Before that: {before}',
  'journal-repaired': 'it could only be opened after a repair',
  'lost-list': '{first}; {rest}',
  'lost-waiting': '{station}: {count} waiting {count:message|messages} of {at}',
  'lost-waiting-span': '{station}: {count} waiting messages of {from} to {to}',
  'lost-of-more-stations': 'and of {count} other {count:station|stations}',
  'lost-other-records': '{count} other {count:record|records}',
  'lost-between': 'what lay between {after} and {before} may be lost',
  'lost-more-between': 'and at {count} other {count:place|places}',
  'lost-writes': '{count} {count:write is|writes are} missing',
  'lost-end': 'the last write is not whole: it is lost, and who was not answered sends it again',
  'lost-end-with':
    'the last write is not whole ({what}): it is lost, and who was not answered sends it again',
  'place-of-station': '{station} of {at}',
  'place-end-of-journal': 'one end of the journal',
  'place-record': 'the record {key}',
} as const
