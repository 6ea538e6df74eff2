/** One file of the bundle: its path, and its content or the location of its content. */
export interface BundleFile {
  /** Relative, with slashes. */
  readonly path: string
  readonly isExecutable: boolean
  readonly content: { readonly from: string } | { readonly text: string }
}
