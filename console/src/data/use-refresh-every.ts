import { useEffect } from 'react'
import { useConsoleData } from './console-data.tsx'

/**
 * Polls what the server does not announce, while the page is visible. `prefix` matches keys of
 * `useQuery`.
 */
export function useRefreshEvery(prefix: string, periodMs: number): void {
  const { queries } = useConsoleData()
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && queries.refresh(prefix), periodMs)
    return () => clearInterval(timer)
  }, [queries, prefix, periodMs])
}
