/** Names and ids only: traces leave the server, so they contain no values. */
export type SpanAttributes = Readonly<Record<string, string | number | undefined>>

/** The span of a request. */
export interface RequestSpan {
  /** `name` replaces the one of the start, when the route is known. */
  end(name: string, attributes: SpanAttributes, isFailed: boolean): void
}

/** Records what a server does as spans of distributed traces. */
export interface Tracer {
  /** Runs `work` in a span; spans that start meanwhile are below it. */
  span<Result>(name: string, attributes: SpanAttributes, work: () => Promise<Result>): Promise<Result>
  /**
   * Starts the span of a request, and calls `run` in it.
   * @param headers with `traceparent` of W3C Trace Context, if the client sent it
   */
  request(
    headers: { readonly traceparent?: string | undefined },
    attributes: SpanAttributes,
    run: () => void,
  ): RequestSpan
  /** Records a statement that has just ended. */
  statement(name: string, seconds: number, isFailed: boolean): void
  /** Sends what is pending. */
  close(): Promise<void>
}
