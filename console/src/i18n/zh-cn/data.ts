import { type ErrorCode, fillErrorText } from '../../../../src/core/error/errors.ts'
import type { Catalogue } from '../catalogue.ts'
import { errors } from './errors.ts'

export const data: Catalogue['data'] = {
  loading: '正在加载',
  tryAgain: '重试',
  refresh: '刷新',
  cancel: '取消',
  save: '保存',
  close: '关闭',
  create: '创建',
  delete: '删除',
  done: '完成',
  none: '–',
  never: '从未',
  copy: '复制',
  copied: '已复制',
  copyFailed: '复制失败，请手动选择并复制',
  requestId: (id) => `请求 ${id}`,
  errorCode: (code) => `错误 ${code}`,
  // Of another release: as the server wrote it.
  explainError: ({ code, arguments: words, message, next }) => {
    const chinese = Object.hasOwn(errors, code) ? errors[code as ErrorCode] : undefined
    return words === undefined || chinese === undefined
      ? { message, next }
      : { message: fillErrorText(chinese.text, words), next: fillErrorText(chinese.next, words) }
  },
  matches: (count) => `${count} 个匹配项`,
  noMatch: '没有符合条件的数据',
  clearFilter: '清除筛选条件',
  findByName: '按名称查找',
  previousPage: '上一页',
  nextPage: '下一页',
  pageNumber: (page) => `第 ${page} 页`,
  moreAtServer: '加载更多',
  tags: {
    hint: '每行一个“名称=值”，例如 env=prod。',
    wrong: (line) => `“${line}”不符合“名称=值”的格式。`,
    twice: (name) => `标签“${name}”重复。`,
    tooLong: (name, limit) => `标签“${name}”过长：名称和值最多 ${limit} 个字符。`,
    tooMany: (limit) => `最多可以设置 ${limit} 个标签。`,
  },
  shownOnce: '此内容仅显示一次，之后无法再次查看，请妥善保存。',
  parameters: { given: '（已设置）', changed: '已变更（敏感值）' },
  planChanged: {
    title: '您查看计划后，计划已发生变化',
    detail: '尚未执行任何操作。请检查以下最新的计划，并重新确认。',
  },
}
