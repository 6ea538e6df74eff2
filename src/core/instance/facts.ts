/**
 * The facts that an agent reports about its instance. Names follow os-release(5) and uname(1);
 * values from a known set are in lower case.
 */
export interface Facts {
  readonly os: {
    /** `linux` or `windows`: compared with a configuration's `os`. */
    readonly family: OsFamily
    /** os-release ID: `debian`, `ubuntu`, `centos`, `alinux`… */
    readonly id: string
    /** os-release VERSION_ID, such as `12` or `22.04`; empty without one (rolling releases). */
    readonly version: string
    /**
     * os-release ID_LIKE: the distributions that this one derives from, closest first, such as
     * `rhel`, `centos`, `fedora`. Absent if the agent does not report it.
     */
    readonly idLike?: readonly string[] | undefined
    /** os-release PRETTY_NAME, for display. */
    readonly name: string
    readonly kernel: string
    /** `x86_64` or `arm64` (aarch64 is reported as arm64); any other value as in uname. */
    readonly arch: string
  }
  readonly hostName: string
  readonly addresses: readonly string[]
  readonly cpus: number
  readonly memoryBytes: number
  readonly diskFreeBytes: number
  /** `none`, `kvm`, `vmware`, `docker`…; empty if it is unknown. */
  readonly virtualization: string
  readonly agentVersion: string
  /**
   * The folder of the installed agent (see agent-program.ts); absent: it was not installed by
   * install.sh, or is older than this fact.
   */
  readonly agentProgram?: string | undefined
  /** The trust file of the instance, if it has one; version 0: it cannot be read. */
  readonly trust?: { readonly version: number; readonly expires: string }
  /** From the cloud's metadata service, if there is one. */
  readonly cloud?: CloudFacts | undefined
}

/** Facts from the cloud's metadata service. */
export interface CloudFacts {
  readonly provider: 'alibaba' | 'aws' | 'azure' | 'gcp'
  readonly region: string
  readonly zone: string
  readonly instanceId: string
  /** Such as `ecs.g7.large`; its family is `ecs.g7`. */
  readonly instanceType: string
  readonly instanceFamily: string
  readonly imageId: string
  /** `system`, `self`, `others`, `marketplace` if the cloud reports it; else empty. */
  readonly imageType: string
  readonly networkType: string
}

/** The supported OS families. */
export const osFamilies = ['linux', 'windows'] as const
export type OsFamily = (typeof osFamilies)[number]
