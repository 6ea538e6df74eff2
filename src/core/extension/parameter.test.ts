import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ParameterDeclaration, ParameterDeclarations, ParameterValue } from './extension.ts'
import {
  canonicalParameters,
  coerceParameter,
  maskedValue,
  maskParameters,
  splitSecrets,
  validateDeclarations,
  validateParameters,
} from './parameter.ts'

const port: ParameterDeclaration = { type: 'Number', default: 8080, min: 1, max: 65535 }
const token: ParameterDeclaration = { type: 'String', noEcho: true, pattern: '^[a-z0-9]+$', minLength: 8 }
const text: ParameterDeclaration = { type: 'String' }
const tls: ParameterDeclaration = { type: 'Boolean', default: false }

describe('validateDeclarations', () => {
  test('accepts valid declarations', () => {
    const declarations: ParameterDeclarations = {
      port,
      token,
      tls,
      _1: { type: 'String', allowedValues: ['a', 'b'], default: 'b' },
      secret: { type: 'String', noEcho: true, default: '' },
      constructor: text,
      '2nd-port': port,
    }
    expect(validateDeclarations(declarations)).toEqual([])
  })

  test.each<[string, ParameterDeclaration, string | undefined, string]>([
    ['-a', tls, undefined, 'is not a name'],
    ['a.b', tls, undefined, 'is not a name'],
    ['', tls, undefined, 'is not a name'],
    ['a'.repeat(129), tls, undefined, 'is not a name'],
    ['a', { type: 'Number', default: '8080' }, 'default', 'is not a Number: "8080"'],
    ['a', { type: 'Boolean', default: 1 }, 'default', 'is not a Boolean'],
    ['a', { type: 'Number', default: 0, min: 1 }, 'default', 'is below the minimum 1: 0'],
    ['a', { type: 'String', default: 'A', pattern: '[a-z]' }, 'default', 'does not match [a-z]: "A"'],
    ['a', { type: 'String', default: 'c', allowedValues: ['a', 'b'] }, 'default', 'is not one of "a", "b": "c"'],
    ['a', { type: 'Number', min: 2, max: 1 }, 'min', 'above max 1'],
    ['a', { type: 'Number', max: Number.NaN }, 'max', 'is not a number'],
    ['a', { type: 'String', minLength: 2, maxLength: 1 }, 'minLength', 'above maxLength 1'],
    ['a', { type: 'String', maxLength: 8193 }, 'maxLength', 'from 0 to 8192'],
    ['a', { type: 'String', minLength: 0.5 }, 'minLength', 'whole number'],
    ['a', { type: 'String', pattern: '(' }, 'pattern', 'missing closing )'],
    ['a', { type: 'String', pattern: '(?=a)' }, 'pattern', 'lookaround'],
    ['a', { type: 'Number', pattern: 'a' }, 'pattern', 'not possible for a Number'],
    ['a', { type: 'String', min: 1 }, 'min', 'not possible for a String'],
    ['a', { type: 'String', allowedValues: ['a', 1] }, 'allowedValues', 'holds 1, which is not a String'],
    ['a', { type: 'Number', max: 5, allowedValues: [9] }, 'allowedValues', 'holds 9, which is above the maximum 5'],
    ['a', { type: 'String', allowedValues: [] }, 'allowedValues', 'is empty'],
    ['a', { type: 'String', noEcho: true, default: 'hunter2' }, 'default', 'would show a secret'],
    ['a', { type: 'String', noEcho: true, allowedValues: ['x'] }, 'allowedValues', 'would show'],
  ])('%s %j: %s %s', (name, declaration, field, message) => {
    const problems = validateDeclarations({ [name]: declaration })
    expect(problems).toEqual([{ name, ...(field && { field }), message: expect.stringContaining(message) }])
  })

  test('knows that environment variables are case-insensitive on Windows, and limits the count', () => {
    expect(validateDeclarations({ port, Port: port })).toEqual([
      { name: 'Port', message: expect.stringContaining('differs from port in case only') },
    ])
    expect(validateDeclarations({ 'a-b': port, A_b: port })).toEqual([
      { name: 'A_b', message: 'would be the same environment variable as a-b, CHANDLER_PARAM_A_b' },
    ])
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`p${index}`, tls]))
    expect(validateDeclarations(many)).toEqual([{ name: 'p64', message: 'is one of 65 parameters; 64 are allowed' }])
  })

  test('refuses the one name that cannot be a field', () => {
    expect(validateDeclarations(JSON.parse('{"__proto__": {"type": "Boolean"}}'))).toMatchObject([
      { name: '__proto__' },
    ])
  })
})

describe('validateParameters', () => {
  const declarations = { port, token, tls }

  test('fills in defaults and keeps given values', () => {
    expect(validateParameters(declarations, 'install', { token: 'abcdefgh', port: 9090 })).toEqual({
      values: { port: 9090, token: 'abcdefgh', tls: false },
    })
  })

  test.each<[Record<string, unknown>, string, string, string]>([
    [{}, 'token', 'ParameterMissing', 'is missing and has no default'],
    [{ token: 'abcdefgh', prot: 1 }, 'prot', 'ParameterUnknown', 'is not declared; install takes port, token, tls'],
    [{ token: 'abcdefgh', toString: 1 }, 'toString', 'ParameterUnknown', 'is not declared'],
    [{ token: 'abcdefgh', port: 70_000 }, 'port', 'ParameterInvalid', 'is above the maximum 65535: 70000'],
    [{ token: 'abcdefgh', port: 0 }, 'port', 'ParameterInvalid', 'is below the minimum 1: 0'],
    [{ token: 'abcdefgh', port: '80' }, 'port', 'ParameterInvalid', 'is not a Number: "80"'],
    [{ token: 'abcdefgh', port: Number.NaN }, 'port', 'ParameterInvalid', 'is not a Number'],
    [{ token: 'abcdefgh', port: null }, 'port', 'ParameterInvalid', 'is not a Number: null'],
    [{ token: 'abcdefgh', tls: 'true' }, 'tls', 'ParameterInvalid', 'is not a Boolean (true or false): "true"'],
    [{ token: { a: 1 } }, 'token', 'ParameterInvalid', 'is not a String'],
    [{ token: 'abc' }, 'token', 'ParameterInvalid', 'is shorter than 8'],
    [{ token: 'ABCDEFGH' }, 'token', 'ParameterInvalid', 'does not match ^[a-z0-9]+$'],
  ])('%j: %s %s %s', (given, name, code, message) => {
    expect(validateParameters(declarations, 'install', given)).toMatchObject({
      problems: [{ name, code, message: expect.stringContaining(message) }],
    })
  })

  test.each([
    ['x'.repeat(8_193), 'is larger than 8192 bytes'],
    ['é'.repeat(4_097), 'is larger than 8192 bytes'],
    ['a\0b', 'NUL'],
    ['\ud800', 'half a character'],
  ])('refuses strings that an environment variable cannot contain', (value, message) => {
    const result = validateParameters({ a: { type: 'String' } }, 'install', { a: value })
    expect(result).toMatchObject({ problems: [{ name: 'a', message: expect.stringContaining(message) }] })
    expect(JSON.stringify(result).length).toBeLessThan(600)
  })

  test('knows the actions of a parameter', () => {
    const declared: ParameterDeclarations = { port, purge: { type: 'Boolean', default: false, actions: ['uninstall'] } }
    expect(validateParameters(declared, 'install', {})).toEqual({ values: { port: 8080 } })
    expect(validateParameters(declared, 'update', {})).toEqual({ values: { port: 8080 } })
    expect(validateParameters(declared, 'uninstall', { purge: true })).toEqual({ values: { purge: true } })
    expect(validateParameters(declared, 'uninstall', { port: 1 })).toEqual({
      problems: [{ name: 'port', code: 'ParameterUnknown', message: 'does not belong to uninstall' }],
    })
    expect(validateParameters({}, 'install', { a: 1 })).toMatchObject({
      problems: [{ message: 'is not declared; install takes no parameters' }],
    })
  })

  test('reports all problems at once', () => {
    const result = validateParameters(declarations, 'install', { port: 0, tls: 1, other: 1 })
    expect('problems' in result && result.problems.map(({ name }) => name).sort()).toEqual([
      'other',
      'port',
      'tls',
      'token',
    ])
  })
})

describe('coerceParameter', () => {
  test.each<[ParameterDeclaration | undefined, string, ParameterValue]>([
    [port, '8080', 8080],
    [port, '-1.5e3', -1500],
    [port, '-0', 0],
    [tls, 'true', true],
    [tls, 'false', false],
    [token, '8080', '8080'],
    [undefined, 'true', 'true'],
  ])('%j %s', (declaration, text, value) => {
    expect(coerceParameter(declaration, text)).toEqual({ value })
  })

  test.each([
    [port, '', 'number'],
    [port, ' 1', 'number'],
    [port, '0x10', 'number'],
    [port, 'Infinity', 'number'],
    [port, '1e999', 'number'],
    [port, '9007199254740993', 'exactly'],
    [tls, 'True', 'true or false'],
    [tls, '1', 'true or false'],
  ])('%j refuses %j', (declaration, text, part) => {
    expect(coerceParameter(declaration, text)).toEqual({ problem: expect.stringContaining(part) })
  })
})

describe('secrets', () => {
  const values = { port: 1, token: 'hunter22', stray: 'x' }

  test('are split off and masked; an undeclared value is a secret, too', () => {
    expect(splitSecrets({ port, token }, values)).toEqual({
      open: { port: 1 },
      secret: { token: 'hunter22', stray: 'x' },
    })
    expect(maskParameters({ port, token }, values)).toEqual({ port: 1, token: maskedValue, stray: maskedValue })
  })
})

describe('properties', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'constructor', 'toString')
  const value: fc.Arbitrary<ParameterValue> = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
    fc.boolean(),
  )
  const values = fc.dictionary(name, value, { noNullPrototype: true })

  test('no message and no mask contains a noEcho value', () => {
    const secret = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'QXZ'), minLength: 6, maxLength: 40 }),
      fc.integer({ min: 1_000_000_000 }),
      fc.constant('QXZQXZ'.repeat(2_000)),
    )
    const declaration: fc.Arbitrary<ParameterDeclaration> = fc.record(
      {
        type: fc.constantFrom('String', 'Number', 'Boolean'),
        noEcho: fc.constant(true),
        pattern: fc.constant('[a-z]+'),
        minLength: fc.constant(50),
        max: fc.constant(5),
        allowedValues: fc.constant(['other']),
      },
      { requiredKeys: ['type', 'noEcho'] },
    )
    fc.assert(
      fc.property(declaration, secret, (declared, given) => {
        const result = validateParameters({ key: declared }, 'install', { key: given })
        const coerced = coerceParameter(declared, String(given))
        const masked = maskParameters({ key: declared }, { key: given })
        const shown = JSON.stringify(['problems' in result ? result : {}, 'problem' in coerced ? coerced : {}, masked])
        expect(shown).not.toContain(String(given).slice(0, 6))
        expect(shown).not.toMatch(/is \d+ long/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('splitting loses nothing and mixes nothing', () => {
    const declarations = fc.dictionary(
      name,
      fc.record({ type: fc.constant('String' as const), noEcho: fc.boolean() }),
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(declarations, values, (declared, given) => {
        const { open, secret } = splitSecrets(declared, given)
        expect({ ...open, ...secret }).toEqual(given)
        expect(Object.keys(open).every((key) => Object.hasOwn(declared, key) && !declared[key]?.noEcho)).toBe(true)
        expect(Object.keys(open).length + Object.keys(secret).length).toBe(Object.keys(given).length)
      }),
    )
  })

  test('canonical texts are equal exactly for equal values, in any order', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const same =
          Object.keys(a).length === Object.keys(b).length &&
          Object.entries(a).every(([key, one]) => Object.hasOwn(b, key) && b[key] === one)
        expect(canonicalParameters(a) === canonicalParameters(b)).toBe(same)
        expect(canonicalParameters(Object.fromEntries(Object.entries(a).reverse()))).toBe(canonicalParameters(a))
        expect(JSON.parse(canonicalParameters(a))).toEqual(a)
      }),
      { numRuns: 2_000 },
    )
  })

  test('accepted values are accepted again unchanged, and contain every declared parameter', () => {
    const declared: ParameterDeclarations = {
      a: { type: 'String', default: 'x', maxLength: 3 },
      b: { type: 'Number', default: 0 },
      c: { type: 'Boolean' },
    }
    fc.assert(
      fc.property(values, (given) => {
        const result = validateParameters(declared, 'install', given)
        if ('problems' in result) return
        expect(Object.keys(result.values)).toEqual(['a', 'b', 'c'])
        expect(validateParameters(declared, 'install', result.values)).toEqual(result)
      }),
      { numRuns: 2_000 },
    )
  })
})
