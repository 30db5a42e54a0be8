/** Both clocks at one moment. */
export interface Now {
  readonly monoMs: number
  readonly wallMs: number
}
