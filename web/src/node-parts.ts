/** What the nodes of the diagram share: names cut to fit, keys that act as a click, boxes compared. */

/** Cut to what fits, at about `letterW` pixels a letter; the full text is in the title. */
export function fit(text: string, width: number, letterW = 7.4): string {
  const most = Math.max(3, Math.floor(width / letterW))
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

/** Whether a node lies where it lay. */
export function sameBox(
  a: { x: number; y: number; w: number },
  b: { x: number; y: number; w: number },
): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w
}

/** A key handler for what looks like a button and cannot be one. */
export function onEnter(act: () => void) {
  return (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    act()
  }
}
