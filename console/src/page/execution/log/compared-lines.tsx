import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import { useTexts } from '../../../i18n/language.tsx'
import { type AlignedLine, foldSame } from './align-logs.ts'
import './log.css'

const signs = { same: ' ', left: '−', right: '+' } as const
const lineHeight = 20

/** Differences with context; collapsed identical lines expand on click. */
export function ComparedLines({
  rows,
  leftName,
  rightName,
}: {
  readonly rows: readonly AlignedLine[]
  readonly leftName: string
  readonly rightName: string
}) {
  const { compare } = useTexts().executions
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set())
  const shown = useMemo(() => foldSame(rows, unfolded), [rows, unfolded])
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  })
  return (
    <div className="log-pane">
      <div className="log-title">
        <span className="only-left">− {compare.onlyLeft(leftName)}</span>{' '}
        <span className="only-right">+ {compare.onlyLeft(rightName)}</span>
      </div>
      <div ref={scroller} className="log-view" role="region" aria-label={compare.label} tabIndex={0}>
        <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const row = shown[index]
            const place = {
              ref: virtualizer.measureElement,
              'data-index': index,
              style: { transform: `translateY(${start}px)` },
            }
            if (!row) return null
            if (row.kind === 'folded')
              return (
                <div key={key} {...place} className="log-line folded">
                  <button
                    type="button"
                    className="link-button"
                    onClick={() => setUnfolded(new Set([...unfolded, row.firstRow]))}
                  >
                    {compare.unfold(row.count)}
                  </button>
                </div>
              )
            return (
              <div key={key} {...place} className={`log-line compared ${row.kind}`}>
                <span className="log-number" aria-hidden="true">
                  {row.leftNumber}
                </span>
                <span className="log-number" aria-hidden="true">
                  {row.rightNumber}
                </span>
                <span className="log-text">
                  {signs[row.kind]} {row.text}
                </span>
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
