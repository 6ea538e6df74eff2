import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'

/**
 * Client-side navigation for every `<a href="/…">` of the console, whichever component rendered it.
 * Links that open elsewhere (another tab, a download, another site, server routes) are left to the
 * browser.
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
    // Components that handle their links have called preventDefault by now.
    document.addEventListener('click', follow)
    const back = () => latest.current()
    addEventListener('popstate', back)
    return () => {
      document.removeEventListener('click', follow)
      removeEventListener('popstate', back)
    }
  }, [navigate])
}

/** Paths that the server handles, not the console. */
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
  // The last breadcrumb has an empty href: the current page.
  if (link.getAttribute('href')?.startsWith('#')) return undefined
  return `${link.pathname}${link.search}`
}
