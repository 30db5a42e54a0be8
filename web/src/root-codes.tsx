/**
 * The site's root for a phone: the address of its download, and the certificate itself, which needs neither network nor login.
 * The library that draws them comes when they are opened.
 */
import { useState } from 'preact/hooks'
import { certificates } from './words/certificates.js'

const DOWNLOAD = 'api/v1/certificates/root.pem'
/** Modules kept free around a code, so that it is found. */
const BORDER = 4

type Code = readonly (readonly boolean[])[]

export function RootCodes() {
  const [codes, setCodes] = useState<{ readonly address: Code; readonly pem: Code | undefined }>()
  const [fault, setFault] = useState(false)
  const open = async (isOpen: boolean) => {
    if (!isOpen || codes !== undefined) return
    setFault(false)
    try {
      setCodes(await drawn())
    } catch {
      setFault(true) // the network went away in between; closing and opening tries again
    }
  }
  return (
    <details data-testid="root-codes" onToggle={event => open(event.currentTarget.open)}>
      <summary>{certificates('codes')}</summary>
      {fault && <p class="config-note">{certificates('silent')}</p>}
      {codes !== undefined && (
        <div class="root-codes">
          <Square code={codes.address} name="address" text={certificates('codeAddress')} />
          {codes.pem !== undefined && <Square code={codes.pem} name="pem" text={certificates('codePem')} />}
        </div>
      )}
    </details>
  )
}

async function drawn() {
  const [{ encodeQR }, answer] = await Promise.all([import('qr'), fetch(DOWNLOAD)])
  const draw = (text: string): Code => encodeQR(text, 'raw', { ecc: 'low', border: BORDER })
  return {
    address: draw(new URL(DOWNLOAD, document.baseURI).href),
    pem: answer.ok ? draw(await answer.text()) : undefined,
  }
}

/** Black on white in any theme: readers want it so. */
function Square({ code, name, text }: { readonly code: Code; readonly name: string; readonly text: string }) {
  const size = code.length
  const path = code.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <figure>
      <svg
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={text}
        shape-rendering="crispEdges"
        data-testid={`root-code-${name}`}
      >
        <rect width={size} height={size} fill="#fff" />
        <path d={path.join('')} fill="#000" />
      </svg>
      <figcaption class="muted">{text}</figcaption>
    </figure>
  )
}
