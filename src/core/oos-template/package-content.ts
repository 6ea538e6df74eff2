import type {
  Action,
  ArtifactKind,
  Configuration,
  ExtensionType,
  ParameterDeclarations,
  ParameterType,
  ParameterValue,
  RunOptions,
  Scope,
  ScopePlatform,
  VerifyCheck,
} from '../extension/extension.ts'

/**
 * A version as clients of OOS write it: the content of a template of type Package (reference §1.3:
 * the keys of a configuration, of `Constraints` and of parameters are OOS's, those of the container
 * are a reconstruction). Features without an equivalent have their own keys with the names of the
 * native API: `UpdateScript`, `VerifyChecks`, `RunOptions`, `Artifact`, `Platforms`, and `Actions`
 * of a parameter.
 */
export interface PackageContent {
  readonly FormatVersion: typeof packageFormatVersion
  readonly Description?: Words | undefined
  readonly Parameters?: Readonly<Record<string, ParameterContent>> | undefined
  readonly Constraints?: ConstraintsContent | undefined
  readonly Packages: readonly ConfigurationContent[]
}

/** The FormatVersion of contents of type Package. */
export const packageFormatVersion = 'OOS-2019-06-01-Package'

/** A text, or texts by language (`en`, `zh-cn`), possibly with further fields for a console. */
export type Words = string | Readonly<Record<string, unknown>>

/**
 * `Label`, `AssociationProperty` and similar fields are for consoles: they are kept in the content
 * and otherwise ignored.
 */
export interface ParameterContent {
  readonly Type: ParameterType
  readonly Description?: Words | undefined
  readonly Default?: ParameterValue | undefined
  readonly AllowedValues?: readonly ParameterValue[] | undefined
  readonly AllowedPattern?: string | undefined
  readonly MinValue?: number | undefined
  readonly MaxValue?: number | undefined
  readonly MinLength?: number | undefined
  readonly MaxLength?: number | undefined
  readonly NoEcho?: boolean | undefined
  readonly Actions?: readonly Action[] | undefined
}

/** Where a version is allowed; an absent or empty list allows everything. */
export interface ConstraintsContent {
  readonly InstanceTypeFamilies?: readonly string[] | undefined
  readonly ImageTypes?: readonly string[] | undefined
  /** Such as `CentOS`. */
  readonly OSPlatforms?: readonly string[] | undefined
  /** Such as `CentOS 7.9 64bit`: narrows the platform that it names. */
  readonly OSVersions?: readonly string[] | undefined
  /** Replaces the two above if they have no equivalent. */
  readonly Platforms?: readonly ScopePlatform[] | undefined
}

/** One configuration of a content. */
export interface ConfigurationContent {
  readonly OSType?: string | undefined
  readonly Platform?: readonly string[] | undefined
  /** `*`, `7.*`, `22.04`: one of them must match, on every platform of the configuration. */
  readonly PlatformVersion?: readonly string[] | undefined
  /** Replaces the two above if platforms differ in their versions. */
  readonly Platforms?: readonly ScopePlatform[] | undefined
  /** Absent or `*`: any. */
  readonly Architecture?: string | undefined
  readonly BucketName?: string | undefined
  readonly ObjectName?: string | undefined
  readonly Artifact?:
    | {
        readonly sha256?: string | undefined
        readonly fileName?: string | undefined
        readonly kind?: ArtifactKind | undefined
      }
    | undefined
  /** An empty script counts as none. */
  readonly InstallScript?: string | undefined
  readonly UninstallScript?: string | undefined
  readonly UpdateScript?: string | undefined
  readonly OutputScript?: string | undefined
  readonly VerifyChecks?: readonly VerifyCheck[] | undefined
  readonly RunOptions: RunOptions
}

/**
 * The fields of a content for the extension and for the version that it creates; number and version
 * description are passed separately.
 */
export interface PackageVersion {
  readonly type: ExtensionType
  /** For lists without the content: the English text if there are several. */
  readonly description: string
  readonly scope: Scope
  readonly parameters: ParameterDeclarations
  readonly configurations: readonly PackageConfiguration[]
}

/** A configuration whose artifact is named by its object. */
export type PackageConfiguration = Omit<Configuration, 'id' | 'artifact'> & {
  readonly artifact?: PackageArtifact | undefined
}

/**
 * The object's bytes are determined when the version is created; a given sha256 must then match.
 */
export interface PackageArtifact {
  readonly object?: { readonly bucket: string; readonly key: string } | undefined
  readonly sha256?: string | undefined
  readonly fileName: string
  readonly kind: ArtifactKind
}

/** One problem of a content. */
export interface ContentProblem {
  /** Such as `['Packages', 0, 'Architecture']`. */
  readonly path: readonly (string | number)[]
  readonly message: string
}
