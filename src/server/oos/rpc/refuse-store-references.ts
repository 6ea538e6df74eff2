import { chandlerError } from '../../../core/error/errors.ts'
import { findStoreReference, storeReferenceFault } from '../../../core/template/store-reference.ts'

/**
 * Searches a JSON value for references to a parameter store in any of its strings.
 * @param name of the value in the request
 * @throws RequestParameterInvalid
 */
export function refuseStoreReferences(name: string, value: unknown): void {
  if (typeof value === 'string') {
    if (findStoreReference(value)) throw chandlerError('RequestParameterInvalid', { name, reason: storeReferenceFault })
  } else if (typeof value === 'object' && value !== null) {
    for (const [field, one] of Object.entries(value)) refuseStoreReferences(`${name}.${field}`, one)
  }
}
