import type { ValueFaultCatalogue } from '../../../../src/core/extension/value-fault.ts'

/** Why a value of a parameter is invalid, to follow the name of the parameter. */
export const valueFaults: ValueFaultCatalogue = {
  ValueNotBoolean: ({ value }) => `不是布尔值${show(value)}`,
  ValueNotNumber: ({ value }) => `不是数字${show(value)}`,
  ValueNotString: ({ value }) => `不是字符串${show(value)}`,
  ValueBelowMinimum: ({ min, value }) => `小于最小值 ${min}${show(value)}`,
  ValueAboveMaximum: ({ max, value }) => `大于最大值 ${max}${show(value)}`,
  ValueTooLarge: ({ maxBytes, value }) => `超过 ${maxBytes} 字节${show(value)}`,
  ValueHasNul: ({ value }) => `包含空字符，环境变量不支持${show(value)}`,
  ValueHasHalfCharacter: ({ value }) => `包含不完整的字符${show(value)}`,
  ValueHasStoreReference: ({ value }) => `引用了参数仓库，暂不支持，请声明参数并设置其值${show(value)}`,
  ValueReferencesSecret: ({ value }) => `引用了密钥值，但该参数不是敏感参数${show(value)}`,
  ValueTooShort: ({ minLength, value }) => `少于 ${minLength} 个字符${show(value)}`,
  ValueTooLong: ({ maxLength, value }) => `超过 ${maxLength} 个字符${show(value)}`,
  ValueNotMatched: ({ pattern, value }) => `与正则表达式 ${pattern} 不匹配${show(value)}`,
  ValueNotAllowed: ({ allowed, value }) =>
    `${allowed === undefined ? '不在可选值之内' : `不是可选值（${allowed}）之一`}${show(value)}`,
}

const show = (value: string | undefined) => (value === undefined ? '' : `：${value}`)
