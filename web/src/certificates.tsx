/**
 * Who shows what to whom: the site's root to carry to stations, the certificates of cabinet and stations with their end, and the
 * security profile each station has shown. An admin revokes, forgets a profile, and has a station take another password.
 */

import { useCallback, useEffect, useState } from 'preact/hooks'
import type { SecurityDesk } from '../../src/web/security-desk.js'
import { ask, read } from './ask.js'
import { refusalText } from './words/answer-words.js'
import './certificates.css'
import { RootCodes } from './root-codes.js'
import { certificates } from './words/certificates.js'

type Certificates = ReturnType<SecurityDesk['certificates']>

const DAY_MS = 86_400_000
/** Octets of a station's password: 40 hex digits, the most that AuthorizationKey carries. */
const PASSWORD_OCTETS = 20

/** An alarm speaks 30, 7 and 1 days ahead. */
function urgency(days: number): 'over' | 'soon' | 'near' | '' {
  if (days < 1) return 'over'
  if (days < 7) return 'soon'
  return days < 30 ? 'near' : ''
}

export function CertificatesPanel() {
  const [found, setFound] = useState<Certificates>()
  const [said, setSaid] = useState('')
  const load = useCallback(async () => setFound(await read<Certificates>('certificates')), [])
  useEffect(() => {
    load()
  }, [load])
  const act = async (doing: Promise<string>) => {
    setSaid(await doing)
    await load()
  }
  return (
    <section class="panel" aria-label={certificates('title')} data-testid="certificates">
      <header class="panel-head">
        <h2>{certificates('title')}</h2>
      </header>
      {found === undefined && <p class="config-note muted">{certificates('loading')}</p>}
      {found !== undefined && <Cabinet {...found} />}
      {found !== undefined && (
        <table class="certificates">
          <thead>
            <tr>
              <th scope="col">{certificates('station')}</th>
              <th scope="col">{certificates('profile')}</th>
              <th scope="col">{certificates('certificate')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {found.leastProfiles.map(({ stationId }) => (
              <StationRow key={stationId} stationId={stationId} found={found} onAct={act} />
            ))}
          </tbody>
        </table>
      )}
      <p role="status" class="config-note" data-testid="certificates-said">
        {said}
      </p>
    </section>
  )
}

function Cabinet({ root, servers }: Certificates) {
  if (root === undefined) return <p class="config-note">{certificates('none')}</p>
  return (
    <dl class="certificates">
      <dt>{certificates('root')}</dt>
      <dd>
        <a href="api/v1/certificates/root.pem" download="busbar-root.pem" data-testid="root-download">
          {certificates('download')}
        </a>{' '}
        <span class="muted">{certificates('rootHelp')}</span>
        <code>SHA-256 {root.sha256.match(/../g)?.join(':')}</code>
        <RootCodes />
      </dd>
      {servers.slice(0, 1).map(({ names, notAfter, sha256 }) => (
        <>
          <dt>{certificates('cabinet')}</dt>
          <dd>
            {names.join(', ')} <End notAfter={notAfter} />
            <code>SHA-256 {sha256.match(/../g)?.join(':')}</code>
          </dd>
        </>
      ))}
    </dl>
  )
}

function remaining(days: number): string {
  if (days < 0) return certificates('expired')
  return days === 0 ? certificates('lastDay') : certificates('left', { days })
}

function End({ notAfter }: { readonly notAfter: string }) {
  const days = Math.floor((Date.parse(notAfter) - Date.now()) / DAY_MS)
  return (
    <span class={`certificate-end ${urgency(days)}`} title={notAfter}>
      {notAfter.slice(0, 10)}, {remaining(days)}
    </span>
  )
}

interface StationRowProps {
  readonly stationId: string
  readonly found: Certificates
  onAct(doing: Promise<string>): void
}

function StationRow({ found, onAct, stationId }: StationRowProps) {
  const profile = found.leastProfiles.find(entry => entry.stationId === stationId)
  const latest = found.issued.findLast(entry => entry.stationId === stationId)
  const isGood = latest !== undefined && !latest.revoked
  return (
    <tr data-station={stationId}>
      <th scope="row">{stationId}</th>
      <td>
        {profile?.shown ?? '–'} / {profile?.least}
      </td>
      <td>
        {latest === undefined && <span class="muted">{certificates('nothing')}</span>}
        {latest?.revoked === true && <span class="certificate-end over">{certificates('revoked')}</span>}
        {isGood && <End notAfter={latest.notAfter} />}
      </td>
      <td>
        <div class="certificate-actions">
          <Sure
            label={certificates('rotate')}
            sure={certificates('rotateSure')}
            onSure={() => onAct(rotate(stationId))}
          />
          {isGood && (
            <Sure
              label={certificates('revoke')}
              sure={certificates('revokeSure')}
              onSure={() => onAct(revoke(stationId, latest.sha256))}
            />
          )}
          {profile?.shown !== undefined && (
            <Sure
              label={certificates('forget')}
              sure={certificates('forgetSure')}
              onSure={() => onAct(forget(stationId))}
            />
          )}
        </div>
      </td>
    </tr>
  )
}

/** A button that wants to be pressed twice. */
function Sure({ label, onSure, sure }: { label: string; sure: string; onSure(): void }) {
  const [asked, setAsked] = useState(false)
  return (
    <button
      type="button"
      class="action"
      onBlur={() => setAsked(false)}
      onClick={() => {
        if (asked) onSure()
        setAsked(!asked)
      }}
    >
      {asked ? sure : label}
    </button>
  )
}

async function revoke(stationId: string, sha256: string): Promise<string> {
  const answer = await post(`certificates/${sha256}/revocation`, { revoked: true })
  if (typeof answer === 'string') return answer
  const { kept } = await answer.json()
  return `${certificates('revokedNow', { station: stationId })}${kept === true ? '' : ` ${certificates('notKept')}`}`
}

async function forget(stationId: string): Promise<string> {
  const answer = await post(`stations/${encodeURIComponent(stationId)}/security-profile`, { forget: true })
  return typeof answer === 'string' ? answer : certificates('forgotten', { station: stationId })
}

/** Nobody sees it: it goes to the station, and into secrets.json. */
async function rotate(stationId: string): Promise<string> {
  const octets = crypto.getRandomValues(new Uint8Array(PASSWORD_OCTETS))
  const value = Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join('')
  const path = `stations/${encodeURIComponent(stationId)}/commands/ChangeConfiguration`
  const answer = await post(path, { key: 'AuthorizationKey', value })
  if (typeof answer === 'string') return answer
  const { answer: conf, error } = await answer.json()
  const status = conf?.status ?? error?.code ?? ''
  const isTaken = status === 'Accepted' || status === 'RebootRequired'
  return isTaken
    ? certificates('rotated', { station: stationId })
    : certificates('refused', { what: String(status) })
}

/** The answer, or why there is none. */
async function post(path: string, body: object): Promise<Response | string> {
  const answer = await ask(path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer === undefined) return certificates('silent')
  if (answer.ok) return answer
  return certificates('refused', { what: await refusalText(await answer.json()) })
}
