import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderXml } from './render-xml.ts'

const body = (answer: Record<string, unknown>) => /^<\?xml[^>]*\?><R>(.*)<\/R>$/s.exec(renderXml('R', answer))?.[1]

test('a response of an RPC API', () => {
  const regions = [{ RegionId: 'a' }, { RegionId: 'b', Open: true, Count: 0 }]
  expect(renderXml('DescribeRegionsResponse', { RequestId: 'X', Regions: regions })).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><DescribeRegionsResponse><RequestId>X</RequestId>' +
      '<Regions><RegionId>a</RegionId></Regions><Regions><RegionId>b</RegionId><Open>true</Open><Count>0</Count></Regions>' +
      '</DescribeRegionsResponse>',
  )
})

describe('values', () => {
  test.each([
    ['markup', '</A><B>&amp;"\'', '<A>&lt;/A&gt;&lt;B&gt;&amp;amp;&quot;&apos;</A>'],
    ['nothing', '', '<A></A>'],
    ['spaces and lines', ' a\n\tb ', '<A> a\n\tb </A>'],
    ['characters that XML cannot represent', 'a\u0000\u001bb\uFFFF\ud800c', '<A>a\uFFFD\uFFFDb\uFFFD\uFFFDc</A>'],
    ['a letter of two units', '\u{1F680}', '<A>\u{1F680}</A>'],
    ['an empty list', [], ''],
    ['undefined', undefined, ''],
    ['null', null, ''],
    ['a list of texts', ['p', 'q'], '<A>p</A><A>q</A>'],
  ])('%s', (_, value, expected) => expect(body({ A: value })).toBe(expected))
})

describe('names of fields', () => {
  test.each([
    ['k1', 'v', '<T><k1>v</k1></T>'],
    ['a:b', 'v', '<T><Entry Name="a:b">v</Entry></T>'],
    ['1', 'v<', '<T><Entry Name="1">v&lt;</Entry></T>'],
    ['#text', 'v', '<T><Entry Name="#text">v</Entry></T>'],
    ['@Name', 'v', '<T><Entry Name="@Name">v</Entry></T>'],
    ['xmlns', 'v', '<T><Entry Name="xmlns">v</Entry></T>'],
    ['Entry', 'v', '<T><Entry Name="Entry">v</Entry></T>'],
    ['a"/><b>', { c: 'd' }, '<T><Entry Name="a&quot;/&gt;&lt;b&gt;"><c>d</c></Entry></T>'],
    ['a b', ['p', 'q'], '<T><Entry Name="a b">p</Entry><Entry Name="a b">q</Entry></T>'],
    ['', true, '<T><Entry Name="">true</Entry></T>'],
  ])('%j', (name, value, expected) => expect(body({ T: { [name]: value } })).toBe(expected))
})

test('no value in a response can add markup', () => {
  const tag = /<\/?[A-Za-z_][\w.-]*( Name="[^"<]*")?\/?>/g
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.string()))),
      (tags) => {
        const text = body({ Tags: tags }) ?? ''
        expect(text).not.toBe('')
        expect(text.replaceAll(tag, '')).not.toMatch(/[<>]/)
      },
    ),
  )
})
