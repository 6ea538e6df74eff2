import { useEffect, useState } from 'react'

/** The time, as often as is asked; standing still where nothing goes on. */
export function useNow(isGoing: boolean, everyMs = 1_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!isGoing) return
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [isGoing, everyMs])
  return now
}
