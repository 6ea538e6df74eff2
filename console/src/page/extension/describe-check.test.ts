import { expect, test } from 'vitest'
import { describeCheck } from './describe-check.ts'

test.each([
  [{ kind: 'process', withinMs: 1, name: 'nginx', pidFile: '/run/nginx.pid' }, 'nginx /run/nginx.pid'],
  [{ kind: 'port', withinMs: 1, port: 8080 }, '8080'],
  [{ kind: 'port', withinMs: 1, port: 8080, host: '127.0.0.1' }, '127.0.0.1:8080'],
  [{ kind: 'file', withinMs: 1, path: '/opt/app' }, '/opt/app'],
  [{ kind: 'http', withinMs: 1, url: 'http://localhost/', status: 204 }, 'http://localhost/ 204'],
  [{ kind: 'package', withinMs: 1, name: 'jre', version: '21' }, 'jre 21'],
  [{ kind: 'script', withinMs: 1, script: 'exit 0' }, ''],
] as const)('%o', (check, said) => expect(describeCheck(check)).toBe(said))
