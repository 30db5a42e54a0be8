/**
 * ChangeConfiguration(AuthorizationKey) to a station whose password is kept here (case 073): on the disk before the station is
 * told, and whoever ordered it is answered when both legs know what holds from now on. White paper A01.FR.03, FR.04.
 */
import { type Answer, type CallOutcome, result } from '../../core/answer.js'
import { textAt } from '../../core/fields.js'
import { passwordOctets } from '../../core/security/password.js'
import type { SessionParts } from '../session-parts.js'
import { parsePayload } from '../wire/payload.js'

/** See FromCsms. */
type Send = (answer: Answer, raw?: CallOutcome) => void

export function changePassword(
  { passwords, ports, stationId }: Pick<SessionParts, 'passwords' | 'ports' | 'stationId'>,
  { by, value }: { readonly by: 'csms' | 'operator'; readonly value: string },
  send: Send,
  forward: (done: Send) => void,
): void {
  const refuse = (reason: string): void => {
    ports.log.write('warn', 'password.change-refused', { station: stationId, by, reason })
    send(result({ status: 'Rejected' }))
  }
  const octets = passwordOctets(value)
  if (passwords === undefined || octets === undefined) {
    refuse(octets === undefined ? 'fewer than 16 octets' : 'passwords are not kept by this Busbar')
    return
  }
  const told: Send = (answer, raw) => {
    passwords.decided(stationId, outcomeOf(answer, raw), by).then(
      () => send(answer, raw),
      () => send(answer, raw),
    )
  }
  passwords.propose(stationId, octets).then(
    isKept => (isKept ? forward(told) : refuse('it could not be kept')),
    () => refuse('it could not be kept'),
  )
}

/** Silence is no refusal: the station may have it. */
function outcomeOf(answer: Answer, raw: CallOutcome | undefined): 'taken' | 'refused' | 'unknown' {
  if (raw !== undefined) return 'unknown'
  if (answer.kind !== 'result') return 'refused'
  const status = textAt(parsePayload(answer.payloadText), 'status')
  return status === 'Accepted' || status === 'RebootRequired' ? 'taken' : 'refused'
}
