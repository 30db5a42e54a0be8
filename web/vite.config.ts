// The page is built once and served as files by the gateway: no inline code or data, so the strict CSP holds.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import preact from '@preact/preset-vite'
import { defineConfig, type Plugin } from 'vite'
import { firstView } from './first-view.ts'
import { oneLanguage } from './one-language.ts'

/** Below this a packed file saves nothing. */
const WORTH_PACKING_BYTES = 512

/** Writes NAME.br and NAME.gz beside each text file, so that the cabinet never compresses while somebody waits. */
function packed(folder: string): Plugin {
  return {
    name: 'packed',
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(html|js|css|svg)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const body = readFileSync(path)
        if (body.length < WORTH_PACKING_BYTES) continue
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: 11,
          [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
        }
        writeFileSync(`${path}.br`, brotliCompressSync(body, { params }))
        writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  base: './',
  plugins: [oneLanguage(), firstView(), preact(), packed(join(import.meta.dirname, '../dist/page'))],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // words files wait for their texts
    target: 'es2022',
    // a busy machine is no flaw of a plugin
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
})
