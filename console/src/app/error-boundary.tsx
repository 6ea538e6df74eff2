import { Component, type ReactNode } from 'react'

interface Props {
  readonly children: ReactNode
  /** Rendered instead of the failed content. */
  readonly fallback: ReactNode
  /** A change of this value retries rendering, so that a failed page does not block the others. */
  readonly resetKey: string
}

/** React offers no other way to catch errors thrown during rendering. */
export class ErrorBoundary extends Component<Props, { readonly isBroken: boolean }> {
  override state = { isBroken: false }

  static getDerivedStateFromError() {
    return { isBroken: true }
  }

  override componentDidUpdate(previous: Props) {
    if (this.state.isBroken && previous.resetKey !== this.props.resetKey) this.setState({ isBroken: false })
  }

  override render() {
    return this.state.isBroken ? this.props.fallback : this.props.children
  }
}
