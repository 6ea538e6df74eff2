import type { Catalogue } from '../catalogue.ts'

export const signIn: Catalogue['signIn'] = {
  title: '登录',
  intro: '在您的服务器上批量安装、更新和卸载您自己的软件。',
  userName: '用户名',
  password: '密码',
  submit: '登录',
  withProvider: (name) => `使用 ${name} 登录`,
  ssoFailed: (code) =>
    code === 'SsoUnreachable'
      ? '无法连接身份提供商。请使用用户名和密码登录，或稍后重试。'
      : code === 'SsoNameTaken'
        ? '此服务器上已有同名用户，请联系管理员。'
        : `通过身份提供商登录失败（${code}）。请重试或联系管理员。`,
  userNameMissing: '请输入用户名。',
  passwordMissing: '请输入密码。',
  showPassword: '显示密码',
  ended: '登录会话已结束，请重新登录以继续之前的操作。',
  help: '还没有密码？',
  helpFirstStart: '服务端首次启动时，会输出用户 admin 的密码及其访问密钥。',
  helpCommand: '如果您持有访问密钥，可以通过命令行设置密码：',
  change: {
    title: '修改密码',
    old: '当前密码',
    new: '新密码',
    newHint: (length) => `至少 ${length} 个字符，建议使用多个互不相关的词语。`,
    again: '确认新密码',
    different: '两次输入的密码不一致。',
    tooShort: (length) => `密码至少需要 ${length} 个字符。`,
    oldMissing: '请输入当前密码。',
    submit: '修改密码',
    changed: '密码已修改。您的其他会话均已结束。',
  },
}
