/** Shapes that carry state, so that colour never does it alone. Drawn on a 16 x 16 grid, stroked in the text colour. */
import type { JSX } from 'preact'
import type { Look } from './format.js'

export type IconName =
  | Look
  | 'alarm'
  | 'ok'
  | 'away'
  | 'none'
  | 'live'
  | 'sun'
  | 'moon'
  | 'auto'
  | 'out'
  | 'clock'
  | 'sliders'
  | 'person'
  | 'records'

const SHAPES: Readonly<Record<IconName, JSX.Element>> = {
  charging: <path class="solid" d="M9.2 1.5 3.5 9h3.6l-.5 5.5L12.5 7H8.7z" />,
  paused: <path d="M5.5 3.5v9M10.5 3.5v9" stroke-width="2.6" />,
  full: <path d="M2.5 5h9v6h-9zM13.5 7v2M4.7 8.1l1.6 1.5 3-3.2" />,
  plugged: <path d="M6 2v3.4M10 2v3.4M4 5.4h8v2.4a4 4 0 0 1-8 0zM8 11.8V14.5" />,
  free: <circle cx="8" cy="8" r="5" />,
  off: <path d="M3 8a5 5 0 1 0 10 0A5 5 0 1 0 3 8M4.6 11.4l6.8-6.8" />,
  fault: <path d="M8 2 1.8 13.5h12.4zM8 6.4v3.4M8 11.6v.4" />,
  unknown: <path d="M5.4 6a2.6 2.6 0 1 1 3.8 2.3c-.8.5-1.2 1-1.2 1.9M8 13v.3" stroke-width="2" />,
  // A plug out of its socket; × is the breaker's in this diagram.
  gone: (
    <path d="M8.6 4.4 11.6 7.4M9.4 3.6l3 3M14.5 1.5l-2.6 2.6M3.6 8.6l3.8 3.8-1.2 1.2a2.7 2.7 0 0 1-3.8-3.8zM1.5 14.5l1-1" />
  ),
  clock: <path d="M2.5 8a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0M8 4.6V8l2.4 1.6" />,
  alarm: <path d="M8 2 1.8 13.5h12.4zM8 6.4v3.4M8 11.6v.4" />,
  ok: <path d="M3 8.4l3.3 3.3L13 4.8" stroke-width="2" />,
  away: <path d="M6.4 9.6 3.6 12.4M9.6 6.4l2.8-2.8M2 6l2.4.6M6 2l.6 2.4M14 10l-2.4-.6M10 14l-.6-2.4" />,
  none: <path d="M3.5 8h9" />,
  live: <path d="M1.5 8h3l2-5 3 10 2-5h3" />,
  sun: (
    <path d="M5 8a3 3 0 1 0 6 0 3 3 0 1 0-6 0M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13" />
  ),
  moon: <path d="M13 9.6A5.6 5.6 0 1 1 6.4 3a4.6 4.6 0 0 0 6.6 6.6z" />,
  auto: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path class="solid" d="M8 2.5a5.5 5.5 0 0 1 0 11z" />
    </>
  ),
  sliders: <path d="M1.5 4.5h6M11 4.5h3.5M1.5 11.5h3M8 11.5h6.5M7.5 2.5v4h3.5v-4zM4.5 9.5v4H8v-4z" />,
  person: (
    <path d="M5.2 5a2.8 2.8 0 1 0 5.6 0 2.8 2.8 0 1 0-5.6 0M2.5 14.5c0-3 2.4-4.7 5.5-4.7s5.5 1.7 5.5 4.7" />
  ),
  records: <path d="M2.5 13.5v-4M6.2 13.5v-8M9.8 13.5v-5.5M13.5 13.5v-11" />,
  out: <path d="M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3" />,
}

/** The bare shape, for use inside another SVG. */
export function Shape({ name }: { name: IconName }) {
  return SHAPES[name]
}

/** An icon beside a word; the word says the same, so it is hidden from readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  )
}
