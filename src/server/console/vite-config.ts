import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import type { InlineConfig } from 'vite'
import { fontFiles } from './font-files.ts'

/** How the console is made of its sources: the same for building it and for serving it while it is being written. */
export const makeViteConfig = (projectDirectory: string): InlineConfig => ({
  configFile: false,
  // Settings of the machine have no business in what is built.
  envDir: false,
  root: join(projectDirectory, 'console'),
  publicDir: false,
  appType: 'custom',
  logLevel: 'warn',
  plugins: [react(), fontFiles()],
  build: {
    target: 'es2023',
    // Small files as data: URLs would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
})
