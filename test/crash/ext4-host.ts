/**
 * A Busbar whose data folder is an ext4 of its own, in a file: when the power goes the file system is shut down at once,
 * as it is, and mounted again by its own journal. What was written and not flushed is gone, as on a real disk.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Deaths } from './deaths.js'
import { killedHost } from './hosts.js'
import type { Host } from './play.js'

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: not even what the file system itself has pending is written. */
const SHUT_DOWN = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))
`

const run = (command: string, ...rest: readonly string[]): void => {
  execFileSync(command, rest, { stdio: 'pipe' })
}

export interface Ext4 {
  readonly folder: string
  powerCut(): void
  mount(): void
  umount(): void
}

/** The file system, mounted below `root`; why not where that is not allowed. */
export function makeExt4(root: string): Ext4 | string {
  const image = join(root, 'disk.img')
  const folder = join(root, 'disk')
  mkdirSync(folder)
  const mount = (): void => run('mount', '-o', 'loop', image, folder)
  const umount = (): void => run('umount', folder)
  const powerCut = (): void => run('python3', '-c', SHUT_DOWN, folder)
  try {
    run('truncate', '-s', '24M', image)
    run('mkfs.ext4', '-q', '-F', image)
    mount()
    powerCut()
    umount()
    mount()
    return { folder, powerCut, mount, umount }
  } catch (error) {
    rmSync(image, { force: true })
    return `no ext4 of its own here: ${error instanceof Error ? error.message.split('\n')[0] : error}`
  }
}

/** The power goes when a life is over. */
export function ext4Host(ext4: Ext4, dataDir: string, csmsPort: number): Host {
  const inner = killedHost(dataDir, csmsPort)
  const deaths = new Deaths()
  let cutting: Promise<void> | undefined
  const cut = async (): Promise<void> => {
    ext4.powerCut()
    await inner.end()
    ext4.umount()
    ext4.mount()
  }
  return {
    isDead: () => cutting !== undefined || inner.isDead(),
    start: async () => {
      await cutting
      cutting = undefined
      const isNew = inner.isDead()
      const port = await inner.start()
      if (isNew) deaths.begin(() => (cutting = cut()))
      return port
    },
    plan: planned => deaths.plan(planned),
    sends: message => deaths.sends(message),
    isDoomed: () => deaths.isDue,
    end: async () => {
      deaths.stop()
      await cutting
      await inner.end()
    },
  }
}
