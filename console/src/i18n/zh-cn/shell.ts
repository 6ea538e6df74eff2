import type { Catalogue } from '../catalogue.ts'

export const shell: Catalogue['shell'] = {
  product: 'Chandler',
  pageTitle: (page) => `${page} · Chandler`,
  navigation: {
    label: '控制台',
    open: '展开导航栏',
    close: '收起导航栏',
    overview: '概览',
    instances: '实例',
    extensions: '扩展程序',
    batch: '批量软件管理',
    executions: '任务执行管理',
    access: '访问控制',
    reference: 'API 参考',
  },
  skipToContent: '跳转到主要内容',
  breadcrumbs: '当前位置',
  notifications: '通知',
  dismiss: '关闭',
  language: { label: '语言', en: 'English', 'zh-CN': '中文（简体）' },
  appearance: { label: '外观', system: '跟随系统', light: '浅色', dark: '深色' },
  connection: {
    connecting: '正在连接…',
    connected: '已连接',
    reconnecting: '正在重新连接…',
    disconnected: '连接已断开',
    lostDetail: '当前内容可能不是最新的。控制台会持续尝试重新连接，服务端恢复响应后立即更新页面。',
  },
  user: {
    menu: (name) => `当前用户：${name}`,
    changePassword: '修改密码',
    signOut: '退出登录',
  },
  loading: '正在加载页面',
  notFound: {
    title: '页面不存在',
    detail: (path) => `控制台中不存在页面 ${path}。请检查地址是否正确，或者该资源是否已被删除。`,
    back: '返回概览',
  },
  broken: {
    title: '页面无法显示',
    detail: '这是控制台自身的问题，您的服务器和正在运行的任务不受影响。',
    again: '重新加载页面',
  },
  comingUp: { title: '暂无内容' },
}
