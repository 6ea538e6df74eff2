/**
 * A policy as RAM writes it (https://www.alibabacloud.com/help/en/ram/policy-overview), read and found well-formed by `parsePolicy`.
 * What may be one text or a list in a document is a list here.
 */
export interface PolicyDocument {
  readonly version: '1'
  readonly statements: readonly PolicyStatement[]
}

export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny'
  /** Patterns such as `oos:Get*`; with `except` the statement is about every other action (NotAction). */
  readonly actions: readonly string[]
  readonly except: boolean
  /** Patterns such as `acs:oos:*:*:template/web-*`. */
  readonly resources: readonly string[]
  /** All of them have to hold. */
  readonly conditions: readonly PolicyCondition[]
}

export interface PolicyCondition {
  readonly operator: ConditionOperator
  readonly key: string
  /** One of them is enough; for a negated operator (`StringNotEquals`) none of them may fit. */
  readonly values: readonly string[]
}

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

/** What a condition can be about, and the server says with every request. A key that nobody fills in would decide in silence. */
export const conditionKeys = ['acs:CurrentTime', 'acs:SourceIp', 'acs:SecureTransport'] as const
