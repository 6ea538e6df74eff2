import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { guardBack } from './back-guard.ts'

export interface LeaveConfirmation {
  /** The user is about to leave: ask for confirmation. */
  readonly isAsked: boolean
  readonly stay: () => void
  /** Continues to the page that the user requested. */
  readonly leave: () => void
  /**
   * Asks for confirmation before navigating to a console page, as if the user had followed a link.
   */
  readonly goTo: (href: string) => void
}

/**
 * While there are unsaved changes, console links and the browser's Back ask for confirmation. For
 * closing the tab and for other sites, the browser asks.
 */
export function useLeaveConfirmation(isActive: boolean): LeaveConfirmation {
  const [, navigate] = useLocation()
  const [target, setTarget] = useState<string>()
  const isLeaving = useRef(false)
  useEffect(() => {
    if (!isActive) return
    const own = location.pathname
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null
      const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
      if (isLeaving.current || !isPlain || !link?.getAttribute('href')) return
      if (link.getAttribute('href')?.startsWith('#') || link.hasAttribute('download')) return
      if (link.target !== '' && link.target !== '_self') return
      if (link.origin !== location.origin || link.pathname === own) return
      event.preventDefault()
      event.stopImmediatePropagation()
      setTarget(`${link.pathname}${link.search}`)
    }
    const back = () => {
      if (isLeaving.current || location.pathname === own) return false
      // The address has already changed.
      const requested = `${location.pathname}${location.search}`
      history.pushState(null, '', here)
      setTarget(requested)
      return true
    }
    let here = location.href
    const note = () => {
      if (location.pathname === own) here = location.href
    }
    const unload = (event: BeforeUnloadEvent) => {
      if (!isLeaving.current) event.preventDefault()
    }
    document.addEventListener('click', follow, { capture: true })
    const unguard = guardBack(back)
    addEventListener('pushState', note)
    addEventListener('replaceState', note)
    addEventListener('beforeunload', unload)
    return () => {
      document.removeEventListener('click', follow, { capture: true })
      unguard()
      removeEventListener('pushState', note)
      removeEventListener('replaceState', note)
      removeEventListener('beforeunload', unload)
    }
  }, [isActive])
  return {
    isAsked: target !== undefined,
    stay: () => setTarget(undefined),
    leave() {
      if (target === undefined) return
      isLeaving.current = true
      navigate(target)
    },
    goTo(href) {
      if (isActive) setTarget(href)
      else navigate(href)
    },
  }
}
