/** Under which names the page is announced in the local networks now, and where it is not, why. */
import { useEffect, useState } from 'preact/hooks'
import type { PageInNetwork } from '../../../src/ports.js'
import { read } from '../ask.js'
import { insist } from '../insist.js'
import { announced as words } from '../words/announced.js'

async function load(): Promise<readonly PageInNetwork[] | undefined> {
  return (await read<{ networks: readonly PageInNetwork[] }>('announcement'))?.networks
}

export function Announced() {
  const [networks, setNetworks] = useState<readonly PageInNetwork[]>()
  useEffect(() => insist(load, setNetworks), [])
  if (networks === undefined || networks.length === 0) return null
  return (
    <ul class="wide muted" data-testid="announced">
      {networks.flatMap(network => linesOf(network).map(line => <li key={line}>{line}</li>))}
    </ul>
  )
}

function linesOf({ address, fault, hostNames, name, taken }: PageInNetwork): readonly string[] {
  const others = taken.map(({ name, by }) => words('taken', { name, by }))
  if (fault !== undefined)
    return [words('not', { address, why: words(fault.kind, { detail: fault.detail }) }), ...others]
  if (name === undefined) return [words('asking', { address }), ...others]
  return [words('as', { address, name, hosts: hostNames.join(', ') }), ...others]
}
