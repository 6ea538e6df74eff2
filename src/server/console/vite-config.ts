import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import type { InlineConfig } from 'vite'
import { fontFiles } from './font-files.ts'

/** The build configuration of the console, used by both the build and the development server. */
export const makeViteConfig = (projectDirectory: string): InlineConfig => ({
  configFile: false,
  // Environment files of the machine must not influence the build.
  envDir: false,
  root: join(projectDirectory, 'console'),
  publicDir: false,
  appType: 'custom',
  logLevel: 'warn',
  plugins: [react(), fontFiles()],
  build: {
    target: 'es2023',
    // Inlined files would need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
})
