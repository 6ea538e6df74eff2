import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, type Ref, useEffect, useMemo, useRef } from 'react'
import { parseAnsi } from './ansi-spans.ts'
import type { OutputLine } from './log-lines.ts'
import { splitFound } from './split-found.ts'
import './log.css'

interface LogViewProps {
  readonly label: string
  readonly title: string | undefined
  readonly lines: readonly OutputLine[]
  /** Highlights stderr lines among stdout. */
  readonly marksErrors: boolean
  readonly find: string
  readonly foundLine: OutputLine | undefined
  readonly empty: string
  readonly isFollowing: boolean
  readonly onScrolledUp: () => void
}

const lineHeight = 20

/** Virtualised output. Text stays text: scripts can only produce coloured characters. */
export function LogView(props: LogViewProps) {
  const { label, title, lines, marksErrors, find, foundLine, empty, isFollowing, onScrolledUp } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  })
  useEffect(() => {
    if (isFollowing && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [isFollowing, lines, virtualizer])
  const foundIndex = foundLine ? lines.indexOf(foundLine) : -1
  useEffect(() => {
    if (foundIndex >= 0) virtualizer.scrollToIndex(foundIndex, { align: 'center' })
  }, [foundIndex, virtualizer])
  return (
    <div className="log-pane">
      {title && <div className="log-title">{title}</div>}
      <div
        ref={scroller}
        className="log-view"
        role="region"
        aria-label={label}
        // axe requires keyboard access to scrollable regions.
        tabIndex={0}
        onWheel={({ deltaY }) => deltaY < 0 && onScrolledUp()}
        onTouchMove={onScrolledUp}
        onKeyDown={({ key }) => ['ArrowUp', 'PageUp', 'Home'].includes(key) && onScrolledUp()}
      >
        {lines.length === 0 && <div className="log-empty">{empty}</div>}
        <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index]
            return (
              line && (
                <Line
                  key={key}
                  ref={virtualizer.measureElement}
                  line={line}
                  index={index}
                  start={start}
                  isError={marksErrors && line.stream === 'stderr'}
                  isFound={index === foundIndex}
                  find={find}
                />
              )
            )
          })}
        </div>
      </div>
    </div>
  )
}

const Line = memo(function Line({
  ref,
  line,
  index,
  start,
  isError,
  isFound,
  find,
}: {
  readonly ref: Ref<HTMLDivElement>
  readonly line: OutputLine
  readonly index: number
  readonly start: number
  readonly isError: boolean
  readonly isFound: boolean
  readonly find: string
}) {
  const spans = useMemo(() => parseAnsi(line.text), [line.text])
  const look = ['log-line', isError && 'stderr', isFound && 'found'].filter(Boolean).join(' ')
  return (
    <div ref={ref} data-index={index} className={look} title={line.at} style={{ transform: `translateY(${start}px)` }}>
      <span className="log-number" aria-hidden="true">
        {line.number}
      </span>
      <span className="log-text">
        {spans.map(({ text, className }, place) => (
          // Parts of a line have no key other than their index.
          <span key={place} className={className}>
            {splitFound(text, find).map(({ piece, isMatch }, part) =>
              isMatch ? <mark key={part}>{piece}</mark> : <span key={part}>{piece}</span>,
            )}
          </span>
        ))}
      </span>
    </div>
  )
})
