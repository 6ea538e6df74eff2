import type { ChandlerError, ErrorCode } from '../../../core/error/errors.ts'

interface OosError {
  /** The code that clients of OOS compare. */
  readonly code: string
  readonly status: number
}

/**
 * Codes without an equivalent in OOS: no operation throws them; if one does, the response has the
 * code and status of the catalogue.
 */
export const ownCodes = [
  // Sessions, passwords, users, roles and policies: native API only.
  'SignInFailed',
  'ServiceAccountPassword',
  'ServiceKeyTooLong',
  'SecondFactorExists',
  'SecondFactorNeedsPassword',
  'SecondFactorNotBegun',
  'SecondFactorRequired',
  'SecondFactorWrong',
  'SessionEnded',
  'PasswordWrong',
  'PasswordWeak',
  'SessionNotFound',
  'ForeignPageRefused',
  'Unauthenticated',
  'AccessKeyInvalid',
  'AccessKeyNotFound',
  'AccessKeyLast',
  'UserNotFound',
  'UserNameTaken',
  'UserInUse',
  'RoleNotFound',
  'RoleNameTaken',
  'RoleInUse',
  'PolicyNotFound',
  'PolicyNameTaken',
  'PolicyInUse',
  'PolicyInvalid',
  'PolicyNotAttached',
  'BuiltInUnchangeable',
  'AccessKeySecretShort',

  // Uploads, downloads and buckets: native API only.
  'UploadNotFound',
  'UploadOffsetWrong',
  'UploadIncomplete',
  'UploadsTooMany',
  'ContentSignatureInvalid',
  'ContentSignaturesTooMany',
  'PlanSignatureRefused',
  'TrustFileNotNewer',
  'TrustFileInvalid',
  'TrustFileNotFound',
  'BucketNameTaken',
  'BucketReserved',
  'BucketNotEmpty',
  'ArtifactUrlInvalid',
  'ArtifactUrlExpired',
  'ArtifactRangeInvalid',

  // Plans and groups of failures: native API only.
  'PlanChanged',
  'PlanNotFound',
  'FailureNotFound',

  // Errors for agents and for operators of instances.
  'DecisiveTagAllowed',
  'SsoNotConfigured',
  'SsoNotStarted',
  'SsoUnreachable',
  'SsoRefused',
  'SsoNoDeviceFlow',
  'DeviceSignInUnknown',
  'SsoNameMissing',
  'SsoNameTaken',
  'InstanceBusy',
  'InstanceNotPending',
  'InstanceNotQuarantined',
  'InstanceNameTaken',
  'InstanceRemoved',
  'TagNotAllowed',
  'JoinTokenNotFound',
  'JoinTokenInvalid',
  'JoinTokenExpired',
  'JoinTokenUsedUp',
  'JoinTokenRevoked',
  'AgentProofInvalid',
  'AgentBundleUnavailable',
  'ProtocolVersionUnsupported',
  'NotFound',

  // Errors of a server or a client itself, at start or on the command line.
  'SchemaTooNew',
  'RekeyUnfinished',
  'SchemaChanged',
  'AddressInUse',
  'ServerUnreachable',
  'AnswerInvalid',
] as const satisfies readonly ErrorCode[]

/**
 * Maps catalogue errors to those of OOS (reference 6.6: the gateway's codes are known, of OOS's own
 * only `EntityNotExists.…`; the others follow the same pattern). The type requires that every code
 * of the catalogue is here or in `ownCodes`.
 */
export const oosErrors: Readonly<Record<Exclude<ErrorCode, (typeof ownCodes)[number]>, OosError>> = {
  // ── the request ──
  RequestInvalid: { code: 'InvalidParameter', status: 400 },
  RequestParameterMissing: { code: 'MissingParameter', status: 400 },
  RequestParameterInvalid: { code: 'InvalidParameter', status: 400 },
  ActionNotFound: { code: 'InvalidAction.NotFound', status: 404 },
  ActionUnsupported: { code: 'InvalidAction.NotFound', status: 404 },
  ApiVersionUnsupported: { code: 'InvalidVersion', status: 400 },
  BodyInvalid: { code: 'InvalidParameter', status: 400 },
  BodyTooDeep: { code: 'InvalidParameter', status: 400 },
  BodyTooLarge: { code: 'RequestBodyTooLarge', status: 413 },
  MediaTypeUnsupported: { code: 'UnsupportedMediaType', status: 415 },
  RequestHeadTooLarge: { code: 'RequestHeadTooLarge', status: 431 },
  RequestTimedOut: { code: 'RequestTimedOut', status: 408 },

  // ── authentication and authorisation ──
  AccessKeyUnknown: { code: 'InvalidAccessKeyId.NotFound', status: 404 },
  AccessKeyDisabled: { code: 'InvalidAccessKeyId.Inactive', status: 403 },
  AccessKeyCannotSign: { code: 'InvalidAccessKeyId.Inactive', status: 403 },
  AccessKeyExpired: { code: 'InvalidAccessKeyId.Inactive', status: 403 },
  SignatureInvalid: { code: 'SignatureDoesNotMatch', status: 400 },
  SignatureMethodUnsupported: { code: 'InvalidSignatureMethod', status: 400 },
  SignatureTimeInvalid: { code: 'InvalidTimeStamp.Format', status: 400 },
  SignatureExpired: { code: 'InvalidTimeStamp.Expired', status: 400 },
  SignatureNonceUsed: { code: 'SignatureNonceUsed', status: 400 },
  SecurityTokenUnsupported: { code: 'InvalidSecurityToken.Malformed', status: 400 },
  AccessDenied: { code: 'NoPermission', status: 403 },
  AuthenticationThrottled: { code: 'Throttling.User', status: 429 },

  // ── templates ──
  ExtensionNotFound: { code: 'EntityNotExists.Template', status: 404 },
  VersionNotFound: { code: 'EntityNotExists.TemplateVersion', status: 404 },
  ExtensionNameTaken: { code: 'EntityAlreadyExists.Template', status: 409 },
  ExtensionNameInvalid: { code: 'InvalidParameter', status: 400 },
  ExtensionNameReserved: { code: 'InvalidParameter', status: 400 },
  ExtensionInvalid: { code: 'InvalidTemplate', status: 400 },
  TemplateContentInvalid: { code: 'InvalidTemplate', status: 400 },
  TemplateContentTooLarge: { code: 'InvalidTemplate', status: 400 },
  TemplateTypeUnsupported: { code: 'UnsupportedTemplateType', status: 400 },
  ExtensionInUse: { code: 'TemplateInUse', status: 409 },
  ObjectNotFound: { code: 'EntityNotExists.Object', status: 404 },
  ObjectChanged: { code: 'ObjectChanged', status: 409 },
  BucketNotFound: { code: 'EntityNotExists.Bucket', status: 404 },
  ArtifactNotFound: { code: 'EntityNotExists.Object', status: 404 },
  ArtifactEmpty: { code: 'InvalidTemplate', status: 400 },
  ArtifactTooLarge: { code: 'InvalidTemplate', status: 400 },
  ArtifactDigestMismatch: { code: 'InvalidTemplate', status: 400 },
  ConfigurationAmbiguous: { code: 'InvalidTemplate', status: 400 },
  VersionInUse: { code: 'TemplateInUse', status: 409 },
  TagResourceTypeUnsupported: { code: 'InvalidParameter', status: 400 },

  TemplateNotFound: { code: 'EntityNotExists.Template', status: 404 },
  TemplateUnsupported: { code: 'InvalidTemplate', status: 400 },
  VersionDeprecated: { code: 'InvalidTemplateVersion.Deprecated', status: 400 },

  VersionNotApplicable: { code: 'InvalidParameter', status: 400 },

  // ── executions ──
  ExecutionStateConflict: { code: 'IncorrectExecutionStatus', status: 409 },
  TaskStateConflict: { code: 'IncorrectTaskExecutionStatus', status: 409 },
  ExecutionRetryRunning: { code: 'IncorrectExecutionStatus', status: 409 },
  TimingInvalid: { code: 'InvalidParameter', status: 400 },
  ScheduleInvalid: { code: 'InvalidParameter', status: 400 },
  ScheduleExists: { code: 'IncorrectExecutionStatus', status: 409 },
  ScheduleNotFound: { code: 'InvalidParameter', status: 404 },
  WebhookInvalid: { code: 'InvalidParameter', status: 400 },
  WebhookExists: { code: 'IncorrectExecutionStatus', status: 409 },
  WebhookNotFound: { code: 'InvalidParameter', status: 404 },
  DeliveryNotFound: { code: 'InvalidParameter', status: 404 },
  FreezeInvalid: { code: 'InvalidParameter', status: 400 },
  FreezeExists: { code: 'IncorrectExecutionStatus', status: 409 },
  ChannelNotFound: { code: 'EntityNotExists.TemplateVersion', status: 404 },
  ChannelInvalid: { code: 'InvalidParameter', status: 400 },
  GroupNotFound: { code: 'InvalidParameter', status: 404 },
  GroupExists: { code: 'InvalidParameter', status: 409 },
  GroupInvalid: { code: 'InvalidParameter', status: 400 },
  GroupsTooMany: { code: 'InvalidParameter', status: 409 },
  SecretNotFound: { code: 'InvalidParameter', status: 404 },
  SecretInUse: { code: 'InvalidParameter', status: 409 },
  SecretsTooMany: { code: 'InvalidParameter', status: 409 },
  ValuesInvalid: { code: 'InvalidParameter', status: 400 },
  GroupInUse: { code: 'InvalidParameter', status: 409 },
  AssignmentNotFound: { code: 'EntityNotExists.StateConfiguration', status: 404 },
  AssignmentExists: { code: 'InvalidParameter', status: 409 },
  AssignmentsTooMany: { code: 'InvalidParameter', status: 409 },
  GroupUnconfirmed: { code: 'IncorrectExecutionStatus', status: 409 },
  FreezeNotFound: { code: 'InvalidParameter', status: 404 },
  ExecutionNotApprovable: { code: 'IncorrectExecutionStatus', status: 409 },
  ExecutionNotRollbackable: { code: 'IncorrectExecutionStatus', status: 409 },
  ExecutionNothingToRollBack: { code: 'IncorrectExecutionStatus', status: 409 },
  ExecutionRolledBack: { code: 'IncorrectExecutionStatus', status: 409 },
  ExecutionNothingToRetry: { code: 'IncorrectExecutionStatus', status: 409 },
  ClientTokenReused: { code: 'IdempotentParameterMismatch', status: 400 },
  TargetsEmpty: { code: 'InvalidParameter', status: 400 },
  TargetsNotFound: { code: 'EntityNotExists.Instance', status: 404 },
  ResourceGroupNotFound: { code: 'EntityNotExists.ResourceGroup', status: 404 },
  TargetsAmbiguous: { code: 'InvalidParameter', status: 400 },
  TargetsNotApproved: { code: 'InvalidParameter', status: 400 },
  TargetsTooMany: { code: 'InvalidParameter', status: 400 },
  PlanNotSignable: { code: 'InvalidParameter', status: 400 },
  SelectorInvalid: { code: 'InvalidParameter', status: 400 },
  RateControlInvalid: { code: 'InvalidParameter', status: 400 },
  ParameterInvalid: { code: 'InvalidParameter', status: 400 },
  ParameterMissing: { code: 'MissingParameter', status: 400 },
  ParameterUnknown: { code: 'InvalidParameter', status: 400 },
  TagsInvalid: { code: 'InvalidParameter', status: 400 },
  ExecutionNotFound: { code: 'EntityNotExists.Execution', status: 404 },
  TaskNotFound: { code: 'EntityNotExists.TaskExecution', status: 404 },

  // ── instances ──
  InstanceAmbiguous: { code: 'InvalidParameter', status: 400 },
  InstanceNotFound: { code: 'EntityNotExists.Instance', status: 404 },

  DeliveryUnsupported: { code: 'InvalidParameter', status: 400 },

  // ── the server ──
  Internal: { code: 'InternalError', status: 500 },
  DatabaseDiskFull: { code: 'ServiceUnavailable', status: 503 },
  DatabaseUnavailable: { code: 'ServiceUnavailable', status: 503 },
  ObjectStoreFull: { code: 'ServiceUnavailable', status: 503 },
  ObjectStoreUnavailable: { code: 'ServiceUnavailable', status: 503 },
  ObjectStoreRefused: { code: 'InternalError', status: 500 },
  ServerBusy: { code: 'ServiceUnavailable', status: 503 },
  ServerStopping: { code: 'ServiceUnavailable', status: 503 },
}

/** The code and status of OOS for an error. */
export const oosErrorOf = (error: ChandlerError): OosError =>
  (oosErrors as Partial<Record<ErrorCode, OosError>>)[error.code] ?? error
