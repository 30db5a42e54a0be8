/** What was typed at the login, so that a set-up code need not be typed twice. In memory only, and only until the page is left. */
let typed: string | undefined

export function rememberTyped(password: string): void {
  typed = password
}

export function typedAtLogin(): string | undefined {
  return typed
}
