/** An object of a bucket: how the OOS API and the policies of instances name package files. */
export interface ObjectName {
  readonly bucket: string
  readonly key: string
}
