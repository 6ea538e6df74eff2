/**
 * A policy as in RAM (https://www.alibabacloud.com/help/en/ram/policy-overview), parsed and
 * validated by `parsePolicy`. Elements that may be a single text or a list in a document are lists
 * here.
 */
export interface PolicyDocument {
  readonly version: '1'
  readonly statements: readonly PolicyStatement[]
}

/** One statement; it applies if an action, a resource and all conditions match. */
export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny'
  /**
   * Patterns such as `oos:Get*`; with `except` the statement applies to every other action
   * (NotAction).
   */
  readonly actions: readonly string[]
  readonly except: boolean
  /** Patterns such as `acs:oos:*:*:template/web-*`. */
  readonly resources: readonly string[]
  /** All of them have to hold. */
  readonly conditions: readonly PolicyCondition[]
}

/** A condition on one fact of the request. */
export interface PolicyCondition {
  readonly operator: ConditionOperator
  readonly key: string
  /** One match is enough; for a negated operator (`StringNotEquals`) none may match. */
  readonly values: readonly string[]
}

/** RAM's condition operators. */
export const conditionOperators = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
  'DateEquals',
  'DateNotEquals',
  'DateLessThan',
  'DateLessThanEquals',
  'DateGreaterThan',
  'DateGreaterThanEquals',
  'Bool',
  'IpAddress',
  'NotIpAddress',
] as const
export type ConditionOperator = (typeof conditionOperators)[number]

/**
 * The condition keys that the server fills in for every request. An unknown key would decide
 * silently. The keys of labels (`object-labels.ts`) are filled in for instances and executions.
 */
export const conditionKeys = ['acs:CurrentTime', 'acs:SourceIp', 'acs:SecureTransport'] as const
