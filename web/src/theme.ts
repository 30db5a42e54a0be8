/** Light, dark, or as the system says; kept in this browser, and with the user (`page-wish.ts`). */
export type Theme = 'auto' | 'light' | 'dark'

const KEY = 'busbar-theme'
const ORDER: readonly Theme[] = ['auto', 'light', 'dark']

export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY)
  return stored === 'light' || stored === 'dark' ? stored : 'auto'
}

export function nextTheme(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? 'auto'
}

const listeners = new Set<(theme: Theme) => void>()

export function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
  localStorage.setItem(KEY, theme)
  for (const listener of listeners) listener(theme)
}

/** Told of each change; ended by what is returned. */
export function onTheme(listener: (theme: Theme) => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
