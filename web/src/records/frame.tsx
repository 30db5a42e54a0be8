/** How a part of the record is read, again and again while it is shown, and what stands around it until it is there. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { records } from '../words/records.js'

/** Looked at again as long as it is on the screen: sessions run, alarms end, forecasts move. */
const AGAIN_MS = 15_000

/** What is shown stays until the next answer is there; another key begins anew. */
export function useRead<T>(read: () => Promise<T | undefined>, key: string): T | 'reading' | 'failed' {
  const [found, setFound] = useState<{ readonly key: string; readonly value: T | undefined }>()
  useEffect(() => {
    let isCurrent = true
    const look = () =>
      read().then(value => {
        if (isCurrent) setFound({ key, value })
      })
    look()
    const timer = setInterval(look, AGAIN_MS)
    return () => {
      isCurrent = false
      clearInterval(timer)
    }
  }, [key])
  if (found?.key !== key) return 'reading'
  return found.value ?? 'failed'
}

interface FrameProps {
  readonly state: 'reading' | 'failed' | 'empty' | 'there'
  readonly empty: string
  readonly csv: string
  readonly isCut?: boolean
  readonly children: ComponentChildren
}

export function Frame({ state, empty, csv, isCut = false, children }: FrameProps) {
  if (state === 'reading') return <p class="config-note muted">{records('reading')}</p>
  if (state === 'failed')
    return (
      <p class="config-note" role="alert">
        {records('failed')}
      </p>
    )
  return (
    <>
      {state === 'empty' ? (
        <p class="config-note muted">{empty}</p>
      ) : (
        <div class="records-table">{children}</div>
      )}
      <p class="config-note muted">
        {isCut && `${records('cut')} `}
        <a href={`api/v1/${csv}`}>{records('csv')}</a>
      </p>
    </>
  )
}

export const stateOf = (found: unknown, length: number): FrameProps['state'] =>
  found === 'reading' || found === 'failed' ? found : length === 0 ? 'empty' : 'there'
