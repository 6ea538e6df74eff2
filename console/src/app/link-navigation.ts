import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'

/**
 * Links between pages of the console change the page without loading it anew: every `<a href="/…">`, whichever component drew it. Those that open
 * elsewhere (another tab, a download, another site, what the server itself serves) stay what they are.
 */
export function useLinkNavigation(onNavigate: () => void): void {
  const [, navigate] = useLocation()
  const latest = useRef(onNavigate)
  useEffect(() => {
    latest.current = onNavigate
  })
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      const href = hrefOf(event)
      if (href === undefined) return
      event.preventDefault()
      latest.current()
      navigate(href)
    }
    // Components that follow their links themselves have said so by then.
    document.addEventListener('click', follow)
    const back = () => latest.current()
    addEventListener('popstate', back)
    return () => {
      document.removeEventListener('click', follow)
      removeEventListener('popstate', back)
    }
  }, [navigate])
}

/** What the server answers itself, whoever asks. */
const serverPaths = /^\/(?:api|docs|artifacts|install\.sh|openapi\.json)(?:\/|$)/

function hrefOf(event: MouseEvent): string | undefined {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!isPlain || event.defaultPrevented || !link?.getAttribute('href')) return undefined
  if (
    link.origin !== location.origin ||
    link.hasAttribute('download') ||
    (link.target !== '' && link.target !== '_self')
  )
    return undefined
  if (serverPaths.test(link.pathname)) return undefined
  // An empty one is that of the page which is open (the last breadcrumb).
  if (link.getAttribute('href')?.startsWith('#')) return undefined
  return `${link.pathname}${link.search}`
}
