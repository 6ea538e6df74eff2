import { type RefObject, useLayoutEffect, useState } from 'react'

/** Whether an element is narrower than a number of pixels. */
export function useIsNarrow(element: RefObject<HTMLElement | null>, widthPx: number): boolean {
  const [isNarrow, setIsNarrow] = useState(false)
  useLayoutEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(([entry]) => setIsNarrow((entry?.contentRect.width ?? widthPx) < widthPx))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element, widthPx])
  return isNarrow
}
