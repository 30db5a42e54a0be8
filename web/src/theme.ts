/** Light, dark, or as the system says; kept in this browser. */
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

export function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
  localStorage.setItem(KEY, theme)
}
