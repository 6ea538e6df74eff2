import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

const inlineFont = /url\(["']?data:font\/woff2;[^,]*base64,([A-Za-z0-9+/=]+)["']?\)/g

/**
 * The component library embeds its fonts in its style sheet: 180 KB that have to arrive before the
 * first paint. As files they load in parallel, and the Content-Security-Policy need not allow
 * `data:`.
 */
export const fontFiles = (): Plugin => ({
  name: 'chandler-font-files',
  generateBundle(_options, bundle) {
    for (const asset of Object.values(bundle)) {
      if (asset.type !== 'asset' || !asset.fileName.endsWith('.css')) continue
      asset.source = textOf(asset.source).replaceAll(inlineFont, (_, base64: string) => {
        const source = Buffer.from(base64, 'base64')
        const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8)
        const fileName = `assets/font-${hash}.woff2`
        this.emitFile({ type: 'asset', fileName, source })
        return `url(/${fileName})`
      })
    }
  },
})

const textOf = (source: string | Uint8Array) => (typeof source === 'string' ? source : Buffer.from(source).toString())
