// Puts the program into one file, with every package that is plain JavaScript: a start that looks for 700 files and
// reads them one by one takes half as long again. What has a native part, threads of its own or is loaded only where a
// site needs it stays a package beside it. Without comments and in ASCII: a text with one letter beyond takes twice the
// memory.
import { build } from 'vite'

/** Zod's own messages in forty languages that nobody here reads: half a megabyte to be compiled at each start. */
const ENGLISH_ONLY = {
  name: 'english-only',
  enforce: 'pre',
  load: id => (/zod\/v4\/locales\/index\.js$/.test(id) ? "export { default as en } from './en.js'" : null),
}

await build({
  configFile: false,
  plugins: [ENGLISH_ONLY],
  logLevel: 'warn',
  ssr: {
    noExternal: true,
    external: ['classic-level', 'modbus-serial', 'mqtt', 'aedes', 'pino'],
    target: 'node',
  },
  build: {
    ssr: 'dist/main.js',
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: false,
    copyPublicDir: false,
    sourcemap: false,
    rolldownOptions: {
      output: {
        entryFileNames: 'main.js',
        chunkFileNames: 'chunks/[name].js',
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
        comments: { legal: true, jsdoc: false, annotation: false },
      },
    },
  },
})
