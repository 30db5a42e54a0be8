/** Busbar as the bench runs it, beside the process that plays the stations and the CSMS. */
import { BenchProcess } from './rpc.js'

/** A Busbar in a process of its own while `run` does. */
export async function withBusbar(
  flags: readonly string[],
  run: (busbar: BenchProcess) => Promise<void>,
): Promise<void> {
  const busbar = new BenchProcess('gateway-process', ['--expose-gc', ...flags])
  try {
    await run(busbar)
  } finally {
    await busbar.stop()
  }
}
