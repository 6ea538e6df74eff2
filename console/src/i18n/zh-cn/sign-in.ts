import type { Catalogue } from '../catalogue.ts'

export const signIn: Catalogue['signIn'] = {
  title: '登录',
  intro: '在您自己的服务器上，批量管理您自己的软件。',
  userName: '用户名',
  password: '密码',
  submit: '登录',
  userNameMissing: '请输入用户名。',
  passwordMissing: '请输入密码。',
  showPassword: '显示密码',
  ended: '会话已结束。重新登录后可继续之前的操作。',
  help: '还没有密码？',
  helpFirstStart: '服务器首次启动时，会在访问密钥旁打印用户 admin 的密码。',
  helpCommand: '持有访问密钥的用户可以用命令行设置密码：',
  change: {
    title: '修改密码',
    old: '当前密码',
    new: '新密码',
    newHint: (length) => `至少 ${length} 个字符。建议使用几个不常见的词语组合。`,
    again: '再次输入新密码',
    different: '两次输入的密码不一致。',
    tooShort: (length) => `密码至少需要 ${length} 个字符。`,
    oldMissing: '请输入当前密码。',
    submit: '修改密码',
    changed: '密码已修改。您的其他会话均已结束。',
  },
}
