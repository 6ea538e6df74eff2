import { useEffect } from 'react'
import { useConsoleData } from './console-data.tsx'

/** Asks again for what the server does not tell of by itself, while somebody looks. `prefix` is that of the keys of `useQuery`. */
export function useRefreshEvery(prefix: string, periodMs: number): void {
  const { queries } = useConsoleData()
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && queries.refresh(prefix), periodMs)
    return () => clearInterval(timer)
  }, [queries, prefix, periodMs])
}
