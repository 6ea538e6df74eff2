import { createParser } from 'eventsource-parser'

/** One server-sent event. `id` is the last event id of the stream, as the standard defines it. */
export interface ServerEvent {
  readonly name: string
  readonly data: string
  readonly id: string | undefined
}

/** Characters of one event: the tasks that change at once in a large fleet take about 40 MB. */
const maxEventLength = 256 * 1024 * 1024

/**
 * Parses text/event-stream (WHATWG HTML §9.2.6) from chunks of any size: each call takes the next
 * chunk and returns the events that it completes. Throws an error if an event exceeds `maxLength`
 * characters.
 */
export function createEventParser(maxLength = maxEventLength): (text: string) => ServerEvent[] {
  let events: ServerEvent[] = []
  let lastId: string | undefined
  const parser = createParser({
    maxBufferSize: maxLength,
    onId: (id) => {
      lastId = id
    },
    onEvent: ({ event, data }) => events.push({ name: event ?? 'message', data, id: lastId }),
    // The standard requires parsers to ignore every other error.
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw new Error(`an event is longer than ${maxLength} characters`)
    },
  })
  return (text) => {
    parser.feed(text)
    const completed = events
    events = []
    return completed
  }
}
