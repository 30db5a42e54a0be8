/**
 * Whether a button of the mouse or a finger is down. What is drawn meanwhile may move what lies under it (an alarm that comes
 * pushes the page down): the click would be lost or, worse, meant for another.
 */
const LONGEST_MS = 3_000

let sinceMs: number | undefined

addEventListener('pointerdown', () => {
  sinceMs = performance.now()
})
for (const end of ['pointerup', 'pointercancel'])
  addEventListener(end, () => {
    sinceMs = undefined
  })

/** Who holds it for longer reads or scrolls. */
export function isPressed(): boolean {
  return sinceMs !== undefined && performance.now() - sinceMs < LONGEST_MS
}
