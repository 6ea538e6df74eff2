import { useEffect, useState } from 'react'

/** Current time, updated at an interval; constant while nothing runs. */
export function useNow(isGoing: boolean, everyMs = 1_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!isGoing) return
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [isGoing, everyMs])
  return now
}
