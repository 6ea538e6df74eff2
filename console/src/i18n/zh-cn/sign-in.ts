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
  secondFactor: {
    menu: '多因素认证',
    title: '多因素认证',
    intro: '启用多因素认证后，使用密码登录时还需要输入身份验证器应用中的验证码。请输入密码以开始设置。',
    next: '下一步',
    scan: '使用身份验证器应用扫描此二维码，或手动输入密钥，然后输入应用中显示的验证码。',
    qrCode: '身份验证器应用的二维码',
    key: '密钥',
    code: '验证码',
    codeHint: '身份验证器应用中的 6 位数字，或一个恢复码。',
    firstCodeHint: '6 位数字。',
    codeMissing: '请输入验证码。',
    enable: '启用',
    codesTitle: '恢复码',
    codesDetail:
      '多因素认证已启用，您的其他会话均已结束。请妥善保管以下恢复码：每个恢复码可代替一次验证码，且只能使用一次。恢复码不会再次显示。',
    isEnabled: (left) => `多因素认证已启用。剩余恢复码：${left} 个。`,
    disableDetail: '如需停用或获取新的恢复码，请输入验证码并重新设置。',
    disable: '停用',
    disabled: '多因素认证已停用。',
  },
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
