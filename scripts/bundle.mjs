// Puts the program into one file, with every package that is plain JavaScript: a start that looks for 700 files and
// reads them one by one takes half as long again. What has a native part, threads of its own or is loaded only where a
// site needs it stays a package beside it.
import { build } from 'vite'

await build({
  configFile: false,
  logLevel: 'warn',
  ssr: {
    noExternal: true,
    external: [
      'classic-level',
      'modbus-serial',
      'mqtt',
      'aedes',
      'pino',
      '@peculiar/x509',
      'reflect-metadata',
    ],
    target: 'node',
  },
  build: {
    ssr: 'dist/main.js',
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: false,
    copyPublicDir: false,
    minify: false,
    sourcemap: false,
    rolldownOptions: { output: { entryFileNames: 'main.js' } },
  },
})
