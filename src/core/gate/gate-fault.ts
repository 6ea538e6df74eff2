/** Why a check of a gate has no result. */
export type GateFault = 'AddressRefused' | 'NoAnswer' | 'AnswerInvalid' | 'AnswerTooLarge' | 'NoValue'
