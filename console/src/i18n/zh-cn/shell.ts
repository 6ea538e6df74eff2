import type { Catalogue } from '../catalogue.ts'

export const shell: Catalogue['shell'] = {
  product: 'Chandler',
  pageTitle: (page) => `${page} · Chandler`,
  navigation: {
    label: '控制台',
    open: '打开导航',
    close: '关闭导航',
    overview: '概览',
    instances: '实例',
    extensions: '扩展程序',
    batch: '批量软件管理',
    executions: '任务执行管理',
    access: '访问控制',
    reference: 'API 参考',
  },
  skipToContent: '跳到正文',
  breadcrumbs: '当前位置',
  notifications: '消息',
  dismiss: '关闭',
  language: { label: '语言', en: 'English', 'zh-CN': '中文（简体）' },
  appearance: { label: '外观', system: '跟随系统', light: '浅色', dark: '深色' },
  connection: {
    connecting: '正在连接…',
    connected: '已连接',
    reconnecting: '正在重新连接…',
    disconnected: '连接已断开',
    lostDetail: '当前内容可能不是最新的。服务器恢复响应后会立即更新。',
  },
  user: {
    menu: (name) => `当前用户：${name}`,
    changePassword: '修改密码',
    signOut: '退出登录',
  },
  loading: '正在加载页面',
  notFound: {
    title: '页面不存在',
    detail: (path) => `控制台中没有 ${path}。地址可能有误，或者原有内容已被删除。`,
    back: '返回概览',
  },
  broken: {
    title: '页面出错',
    detail: '这是控制台的错误，不是您的操作造成的。服务器上正在运行的任务不受影响。',
    again: '重新加载页面',
  },
  comingUp: { title: '暂无内容' },
}
