/**
 * The process itself, started where the disk of its data folder is full, cannot be written, or fails once: it controls and
 * passes messages on, acknowledges nothing by itself, says so, and is whole again when the disk is. Proxy rule 14.
 */
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { compileSickDisk } from '../crash/sick-host.js'
import { freePort } from '../mqtt/fixtures/site.js'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  type Peer,
  start as startOf,
  stop,
} from '../ocpp/both-sides.js'
import { type Run, start } from './fixtures/process.js'
import { GOOD } from './fixtures/site.js'

/** Two of them wait for the next look at the journal, 30 s. */
t.setTimeout(240_000)

const root = mkdtempSync(join(tmpdir(), 'busbar-sick-start-'))
t.teardown(() => rmSync(root, { recursive: true, force: true }))
const PASSWORD = 'secret-1'
/** Longer than a station is kept waiting where the CSMS does not answer. */
const CSMS_TIMEOUT_MS = 1_000

interface Site {
  readonly data: string
  readonly csms: Csms
  readonly ocppPort: number
  run(env?: Record<string, string>): Run
}

async function siteIn(t: Test, data: string): Promise<Site> {
  const csms = await Csms.listen()
  csms.onCall = friendly(42)
  t.teardown(() => csms.stop())
  const ocppPort = await freePort()
  const config = join(data, 'busbar.json')
  writeFileSync(
    config,
    JSON.stringify({
      ...GOOD,
      ocpp: { host: '127.0.0.1', port: ocppPort },
      csms: { url: `ws://127.0.0.1:${csms.port}/ocpp` },
      offline: { csmsTimeoutMs: CSMS_TIMEOUT_MS, AllowOfflineTxForUnknownId: true },
    }),
  )
  const run = (env: Record<string, string> = {}): Run => {
    const begun = start(['run', '--config', config, '--data', data, '--exit-on-fault'], {
      BUSBAR_ADMIN_PASSWORD: PASSWORD,
      ...env,
    })
    t.teardown(() => begun.child.kill('SIGKILL'))
    return begun
  }
  return { data, csms, ocppPort, run }
}

/** A life on a healthy disk, so that there is something in the folder. */
async function lived(site: Site): Promise<void> {
  const run = site.run()
  await run.line('busbar runs')
  await ended(run)
}

async function ended(run: Run): Promise<number | null> {
  run.child.kill('SIGTERM')
  return run.ended
}

async function stationOf({ ocppPort, csms }: Site): Promise<{ station: Peer; upstream: Peer }> {
  const station = await connectStation(ocppPort, 'CP-1')
  station.onCall = () => '{"status":"Accepted"}'
  return { station, upstream: await csms.station('CP-1') }
}

const alarmsOf = async (run: Run): Promise<readonly string[]> => {
  const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
  const headers = { authorization: `Basic ${btoa(`admin:${PASSWORD}`)}` }
  const answer = await fetch(`http://127.0.0.1:${webPort}/api/v1/status`, { headers })
  return ((await answer.json()) as { alarms: { code: string }[] }).alarms.map(({ code }) => code)
}

/** A file system of its own; why not where that is not allowed. */
function mounted(t: Test, name: string): string {
  const folder = join(root, name)
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'pipe' })
  t.teardown(() => execFileSync('umount', ['-l', folder]))
  return folder
}

function fill(folder: string): void {
  const file = openSync(join(folder, 'filler'), 'w')
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size))
    } catch {
      // full for pieces of this size
    }
  }
  closeSync(file)
}

const MOUNTS = ((): boolean => {
  const probe = join(root, 'probe')
  mkdirSync(probe)
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', probe], { stdio: 'pipe' })
    execFileSync('umount', [probe])
    return true
  } catch {
    return false
  }
})()
const skip = MOUNTS ? false : 'no file system of its own here'

const SICK: readonly (readonly [
  what: string,
  falls: (folder: string) => void,
  heals: (folder: string) => void,
])[] = [
  ['full', fill, folder => rmSync(join(folder, 'filler'))],
  [
    'read-only',
    folder => execFileSync('mount', ['-o', 'remount,ro', folder]),
    folder => execFileSync('mount', ['-o', 'remount,rw', folder]),
  ],
]

for (const [what, falls, heals] of SICK)
  t.test(
    `on a ${what} folder it controls and passes on, acknowledges nothing, and heals`,
    { skip },
    async t => {
      const site = await siteIn(t, mounted(t, what))
      await lived(site)
      falls(site.data)
      const run = site.run()
      await run.line('busbar runs')
      const runsMs = Date.now()
      const { station, upstream } = await stationOf(site)
      const boot = await station.call('BootNotification', BOOT)
      t.match(boot, '"Accepted"')
      t.equal((await upstream.next('BootNotification')).text, BOOT)
      await station.next('SetChargingProfile')
      t.pass('it is limited')
      t.match(await station.call('StartTransaction', startOf()), '"transactionId":42')
      t.equal((await upstream.next('StartTransaction')).text, startOf())
      await run.line('alarm: journal-failed')
      t.ok(Date.now() - runsMs < 10_000, `told after ${Date.now() - runsMs} ms`)
      t.ok((await alarmsOf(run)).includes('journal-failed'))

      await site.csms.stop()
      const until = Date.now() + 3 * CSMS_TIMEOUT_MS
      let isAnswered = false
      void station.call('StopTransaction', stop(42)).then(() => {
        isAnswered = true
      })
      while (Date.now() < until) await station.call('Heartbeat', '{}')
      t.equal(isAnswered, false, 'nothing is acknowledged that is not durable')

      heals(site.data)
      await run.line('journal opened: starting again with it')
      const again = await connected(site)
      t.equal(await again.call('StopTransaction', stop(42)), '{}', 'by itself it is whole again')
      t.equal(await ended(run), 0)
    },
  )

t.test('passwords that cannot be read cost logins, not control; nothing is written over them', async t => {
  const folder = join(root, 'secrets')
  mkdirSync(folder)
  const site = await siteIn(t, folder)
  await lived(site)
  const path = join(folder, 'secrets.json')
  const whole = readFileSync(path, 'utf8')
  const torn = `${whole.slice(0, whole.lastIndexOf('}'))}, "canary-of-a-password"`
  writeFileSync(path, torn)
  const run = site.run()
  const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
  const { station, upstream } = await stationOf(site)
  t.match(await station.call('BootNotification', BOOT), '"Accepted"')
  t.equal((await upstream.next('BootNotification')).text, BOOT)
  await station.next('SetChargingProfile')
  await run.line('alarm: secrets-lost')
  const headers = { authorization: `Basic ${btoa(`admin:${PASSWORD}`)}` }
  const page = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${webPort}/api/v1/${path}`, { headers, ...init })
  t.equal((await page('status')).status, 401, 'nobody becomes admin by a first password or a code')
  t.notMatch(run.output(), 'Set-up code')
  t.notMatch(run.output(), 'canary')
  t.equal(readFileSync(path, 'utf8'), torn)
  writeFileSync(path, whole)
  t.equal((await page('status')).status, 200, 'what was put back holds at once')
  t.equal(await ended(run), 0)
})

/** As soon as the port is open again. */
async function connected({ ocppPort }: Site): Promise<Peer> {
  for (;;) {
    try {
      return await connectStation(ocppPort, 'CP-1')
    } catch {
      // it is being started again
    }
  }
}

/** What a start reads and writes, and the operation on it that fails. */
const ONCE: readonly (readonly [ending: string, operation: number])[] = [
  ['secrets.json', 0],
  ['busbar.json', 0],
  ['state.json', 0],
  ['security-record.json', 0],
  ['authority.json', 0],
  ['journal.found', 0],
  ['journal.mark', 0],
  ['CURRENT', 0],
  ['LOCK', 0],
  ['.log', 0],
  ['.log', 2],
  ['.ldb', 0],
]

t.test('one i/o error at the start, wherever it comes, leaves control and pass-through running', async t => {
  const compiled = compileSickDisk(root)
  if (typeof compiled === 'string') {
    t.pass(compiled)
    return
  }
  const folder = join(root, 'once')
  mkdirSync(folder)
  const site = await siteIn(t, folder)
  await lived(site)
  const before = join(root, 'before')
  cpSync(folder, before, { recursive: true })
  for (const [ending, operation] of ONCE) {
    rmSync(folder, { recursive: true })
    cpSync(before, folder, { recursive: true })
    const run = site.run({
      LD_PRELOAD: compiled.library,
      SICK_DISK_DIR: folder,
      SICK_DISK_ENDING: ending,
      SICK_DISK_PLAN: `${operation},1,5`,
    })
    const outcome = await Promise.race([run.line('busbar runs').catch(() => 'ended'), run.ended])
    t.match(outcome, 'busbar runs', `${ending} ${operation}`)
    if (typeof outcome !== 'string' || outcome === 'ended') continue
    const { station, upstream } = await stationOf(site)
    t.match(await station.call('BootNotification', BOOT), '"Accepted"')
    await upstream.next('BootNotification')
    await station.next('SetChargingProfile')
    t.equal(await ended(run), 0)
  }
})
