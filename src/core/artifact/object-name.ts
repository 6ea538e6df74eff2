/** An object in a bucket: the name of package files in the OOS API and in policies of instances. */
export interface ObjectName {
  readonly bucket: string
  readonly key: string
}
