/**
 * The status document as it is sent: written once for all who ask while nothing has changed, and told by a tag, so that who has it
 * already is sent nothing (RFC 9110 §13.1.2). Never of before: another view is another text.
 */
import type { SiteView } from '../core/view/document.js'

export interface StatusText {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
}

export class StatusTexts {
  readonly #encoder = new TextEncoder()
  #last: { readonly view: SiteView; readonly text: StatusText } | undefined
  #count = 0

  /** `start`: another one for each run, so that no tag of an earlier one fits. */
  constructor(private readonly start: string) {}

  of(view: SiteView): StatusText {
    if (this.#last?.view === view) return this.#last.text
    this.#count += 1
    const bytes = this.#encoder.encode(JSON.stringify(view))
    const text = { bytes, etag: `"${this.start}-${this.#count}"` }
    this.#last = { view, text }
    return text
  }
}
