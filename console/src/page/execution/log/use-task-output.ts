import { useEffect, useRef, useState } from 'react'
import type { OutputChunk } from '../../../../../src/protocol/api/executions.ts'
import { useStream } from '../../../data/use-stream.ts'
import { executionKey } from '../use-execution.ts'
import { createFrameGatherer, type FrameGatherer } from './frame-gatherer.ts'
import { createLogReader, type OutputLine } from './log-lines.ts'

export interface TaskOutput {
  readonly lines: readonly OutputLine[]
  readonly droppedLines: number
}

const nothing: TaskOutput = { lines: [], droppedLines: 0 }

/**
 * Live output of a task from the first byte, rendered once per frame. The instance is constant
 * while mounted.
 */
export function useTaskOutput(executionId: string, instanceId: string): TaskOutput {
  const [output, setOutput] = useState(nothing)
  const gatherer = useRef<FrameGatherer<OutputChunk>>(undefined)
  useEffect(() => {
    const reader = createLogReader()
    setOutput(nothing)
    gatherer.current = createFrameGatherer(
      (chunks) => {
        reader.add(chunks)
        setOutput({ lines: reader.lines(), droppedLines: reader.droppedLines() })
      },
      { keyOf: ({ invocationId, stream, offset }) => `${invocationId} ${stream} ${offset}` },
    )
    return () => gatherer.current?.stop()
  }, [])
  useStream(
    `${executionKey(executionId)}/output/${instanceId}`,
    (client, options) => client.executions.followOutput(executionId, { ...options, instanceId }),
    (chunks) => gatherer.current?.add(chunks),
  )
  return output
}
