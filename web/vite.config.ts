// The page is built once and served as files by the gateway: no inline code or data, so the strict CSP holds.
import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  plugins: [preact()],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
