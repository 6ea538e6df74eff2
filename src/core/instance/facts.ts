/** What an agent says about its instance. Names follow os-release(5) and uname(1); values are lower case where a set is known. */
export interface Facts {
  readonly os: {
    /** `linux` or `windows`: what a configuration's `os` is matched against. */
    readonly family: OsFamily
    /** os-release ID: `debian`, `ubuntu`, `centos`, `alinux`… */
    readonly id: string
    /** os-release VERSION_ID, such as `12` or `22.04`; empty where there is none (rolling releases). */
    readonly version: string
    /** os-release PRETTY_NAME, for people. */
    readonly name: string
    readonly kernel: string
    /** `x86_64` or `arm64` (aarch64 is said as arm64); anything else as uname says it. */
    readonly arch: string
  }
  readonly hostName: string
  readonly addresses: readonly string[]
  readonly cpus: number
  readonly memoryBytes: number
  readonly diskFreeBytes: number
  /** `none`, `kvm`, `vmware`, `docker`… as far as it can be told; empty if not. */
  readonly virtualization: string
  readonly agentVersion: string
  /** From the cloud's metadata service, where one answers. */
  readonly cloud?: CloudFacts | undefined
}

export interface CloudFacts {
  readonly provider: 'alibaba' | 'aws' | 'azure' | 'gcp'
  readonly region: string
  readonly zone: string
  readonly instanceId: string
  /** Such as `ecs.g7.large`; its family is `ecs.g7`. */
  readonly instanceType: string
  readonly instanceFamily: string
  readonly imageId: string
  /** `system`, `self`, `others`, `marketplace` where the cloud tells; else empty. */
  readonly imageType: string
  readonly networkType: string
}

export const osFamilies = ['linux', 'windows'] as const
export type OsFamily = (typeof osFamilies)[number]
