/** One server-sent event. `id` is the last id seen on the stream, as the standard has it. */
export interface ServerEvent {
  readonly name: string
  readonly data: string
  readonly id: string | undefined
}

/** Data of one event: the tasks that changed at once on a large fleet are some 40 MB. */
const maxEventLength = 256 * 1024 * 1024

/** Reads text/event-stream (WHATWG HTML §9.2.6) piece by piece; pieces may be cut anywhere. */
export function createEventParser(): (text: string) => ServerEvent[] {
  /** Pieces of a line that has not ended yet: joined once, when it ends. */
  let pieces: string[] = []
  let endedInReturn = false
  let data: string[] = []
  let length = 0
  let name = ''
  let id: string | undefined

  const readLine = (line: string): ServerEvent | undefined => {
    if (line === '') {
      const event = data.length > 0 ? { name: name || 'message', data: data.join('\n'), id } : undefined
      data = []
      length = 0
      name = ''
      return event
    }
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') name = value
    if (field === 'id' && !value.includes('\0')) id = value
    if (field === 'data') data.push(value)
    return undefined
  }

  return (text) => {
    if (text === '') return []
    // A return at the end of one piece and a newline at the start of the next are one line end.
    const lines = (endedInReturn && text.startsWith('\n') ? text.slice(1) : text).split(/\r\n|\n|\r/)
    endedInReturn = text.endsWith('\r')
    const events: ServerEvent[] = []
    lines.forEach((line, index) => {
      length += line.length
      if (length > maxEventLength) throw new Error(`an event is longer than ${maxEventLength} letters`)
      pieces.push(line)
      if (index === lines.length - 1) return
      const event = readLine(pieces.join(''))
      pieces = []
      if (event) events.push(event)
    })
    return events
  }
}
