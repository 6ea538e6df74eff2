import { chandlerError } from '../../../core/error/errors.ts'
import { findStoreReference, storeReferenceFault } from '../../../core/template/store-reference.ts'

/**
 * A value out of JSON, wherever in it a text is.
 * @param name what it is called in the request
 * @throws RequestParameterInvalid
 */
export function refuseStoreReferences(name: string, value: unknown): void {
  if (typeof value === 'string') {
    if (findStoreReference(value)) throw chandlerError('RequestParameterInvalid', { name, reason: storeReferenceFault })
  } else if (typeof value === 'object' && value !== null) {
    for (const [field, one] of Object.entries(value)) refuseStoreReferences(`${name}.${field}`, one)
  }
}
