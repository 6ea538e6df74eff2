import type { ErrorTexts } from './error-texts.ts'

/** Errors of sign-in, permissions, users, roles, policies, keys and trust, in Chinese. */
export const accessErrors = {
  SignInFailed: {
    text: '用户名或密码错误。',
    next: '请重试。管理员可以使用 `chandler user set-password NAME` 设置新密码。',
  },
  SessionEnded: { text: '会话已结束。', next: '请重新登录。' },
  PasswordWrong: { text: '当前密码错误。', next: '请输入登录时使用的密码。' },
  PasswordWeak: { text: '密码过于简单：{reason}。', next: '使用多个不相关的单词，或使用生成的密码。' },
  SessionNotFound: {
    text: '当前账号中不存在会话 {id}，或会话已结束。',
    next: '使用 `chandler session list` 查看会话 ID。',
  },
  ForeignPageRefused: {
    text: '使用会话 Cookie 的请求必须来自该服务端的页面。',
    next: '请通过服务端地址打开控制台。程序请使用访问密钥。服务端前的代理必须转发 Host 请求头。',
  },
  AccessDenied: {
    text: '{principal} 无权对 {resource} 执行 {action}：{reason}。',
    next: '请管理员添加允许该操作的策略，或使用具有该权限的用户的访问密钥（docs/access.md）。',
  },
  DecisiveTagAllowed: {
    text: '不能允许 Agent 设置标签“{tag}”：用户 {user} 的权限取决于该标签。',
    next: '使用 `chandler token create --tag {tag}=VALUE` 设置标签，或请权限不取决于该标签的用户操作。',
  },
  SsoNotConfigured: {
    text: '该服务端没有配置身份提供商。',
    next: '使用用户名和密码登录，或设置 `oidcIssuer`（docs/sso.md）。',
  },
  SsoNotStarted: {
    text: '登录不是在该浏览器中发起的，或已超过十分钟。',
    next: '请在登录页面重新开始。',
  },
  SsoUnreachable: {
    text: '无法连接身份提供商：{reason}。',
    next: '使用用户名和密码登录，或在身份提供商可用后重试。',
  },
  SsoRefused: {
    text: '身份提供商拒绝了登录：{reason}。',
    next: '请在登录页面重新开始；详情请查看服务端日志。',
  },
  SsoNameMissing: {
    text: '身份提供商返回的“{name}”不能作为用户名。',
    next: '将 `oidcUserClaim` 设置为由 1 到 64 个字母、数字、“.”、“_”、“-”和“@”组成的声明（docs/sso.md）。',
  },
  SsoNameTaken: {
    text: '该服务端的另一个用户已使用名称“{name}”。',
    next: '删除该用户，或将 `oidcUserClaim` 设置为其他声明（docs/sso.md）。',
  },
  UserNotFound: { text: '当前账号中不存在用户“{name}”。', next: '使用 `chandler user list` 查看用户名。' },
  UserNameTaken: { text: '当前账号中已有名为“{name}”的用户。', next: '使用其他名称。' },
  UserInUse: {
    text: '无法删除用户“{name}”：{reason}。',
    next: '先解除其策略并禁用其访问密钥，或强制删除，系统会自动完成这两项操作。',
  },
  RoleNotFound: { text: '当前账号中不存在角色“{name}”。', next: '使用 `chandler role list` 查看角色名称。' },
  RoleNameTaken: { text: '当前账号中已有名为“{name}”的角色。', next: '使用其他名称。' },
  RoleInUse: {
    text: '无法删除角色“{name}”：{reason}。',
    next: '先为实例分配其他角色，或强制删除：之后服务端不再向使用该角色的实例下发任务。',
  },
  PolicyNotFound: { text: '当前账号中不存在策略“{name}”。', next: '使用 `chandler policy list` 查看策略名称。' },
  PolicyNameTaken: {
    text: '当前账号中已有名为“{name}”的策略。',
    next: '使用 `chandler policy update` 修改，或使用其他名称。',
  },
  PolicyInUse: { text: '无法删除策略“{name}”：{reason}。', next: '先解除绑定，或强制删除，系统会自动解除绑定。' },
  PolicyInvalid: {
    text: '策略无效：{problem}。',
    next: '修正列出的错误；策略文档的格式请参见 docs/access.md。',
  },
  PolicyNotAttached: {
    text: '策略“{policy}”未绑定到 {principal}。',
    next: '使用 `chandler user show` 或 `chandler role show` 查看已绑定的策略。',
  },
  BuiltInUnchangeable: { text: '{what} 是内置对象，不能执行该操作：{change}。', next: '请新建一个。' },

  Unauthenticated: {
    text: '请求没有凭证。',
    next: '通过 HTTP Basic 发送访问密钥，或运行 `chandler login`。',
  },
  AccessKeyInvalid: {
    text: '访问密钥 ID 不存在或密钥错误。',
    next: '检查 CHANDLER_ACCESS_KEY_ID 和 CHANDLER_ACCESS_KEY_SECRET，或重新运行 `chandler login`。',
  },
  AccessKeyDisabled: {
    text: '访问密钥 {id} 已禁用。',
    next: '使用其他访问密钥，或使用 `chandler access-key enable {id}` 启用该密钥。',
  },
  AccessKeyExpired: {
    text: '访问密钥 {id} 已于 {expiredAt} 过期。',
    next: '使用 `chandler access-key create` 创建新密钥。',
  },
  AccessKeyNotFound: {
    text: '当前账号中不存在访问密钥 {id}。',
    next: '使用 `chandler access-key list` 查看访问密钥 ID。',
  },
  AccessKeyCannotSign: {
    text: '访问密钥 {id} 不能为 OOS API 的请求签名：服务端只保存其密钥的哈希。',
    next: '使用 `chandler access-key create --oos` 创建用于 OOS API 的密钥。',
  },
  AccessKeySecretShort: {
    text: '访问密钥 {id} 的密钥少于 {min} 个字符，可能通过其哈希被猜出。',
    next: '使用 `chandler access-key create` 创建新密钥，并删除该密钥。',
  },
  AccessKeyLast: {
    text: '访问密钥 {id} 是 `admin` 最后一个启用的密钥；账号必须保留一个启用的管理员密钥。',
    next: '请先创建另一个密钥。',
  },
  AuthenticationThrottled: {
    text: '来自 {source} 的登录失败次数过多。',
    next: '检查密码、访问密钥或接入令牌，并在 {seconds} 秒后重试。',
  },

  SecondFactorRequired: { text: '该用户使用密码和验证码登录。', next: '请输入身份验证器应用中的验证码，或恢复码。' },
  SecondFactorWrong: {
    text: '验证码错误、已过期或已被使用。',
    next: '请等待身份验证器应用的下一个验证码并检查手机时钟，或输入恢复码。管理员可以使用 `chandler user remove-second-factor NAME` 移除双因素认证。',
  },
  SecondFactorExists: { text: '用户“{name}”已启用双因素认证。', next: '请先移除。' },
  SecondFactorNotBegun: {
    text: '没有可更改的双因素认证。',
    next: '请先使用 `chandler user enable-second-factor` 或在控制台的用户菜单中设置。',
  },
  SecondFactorNeedsPassword: {
    text: '用户“{name}”没有密码：双因素认证需要密码。',
    next: '身份提供商的用户使用其双因素认证；服务账号没有双因素认证。',
  },
  SsoNoDeviceFlow: {
    text: '身份提供商不支持在其他设备上登录（设备流程）。',
    next: '为该服务端的客户端启用设备授权（docs/sso.md），或使用访问密钥。',
  },
  DeviceSignInUnknown: {
    text: '该登录已过期，或由另一个服务端发起。',
    next: '请使用 `chandler login --sso` 重新开始。',
  },
  ServiceAccountPassword: {
    text: '用户“{name}”是服务账号，没有密码。',
    next: '使用 `chandler access-key create --user {name}` 创建访问密钥。',
  },
  ServiceKeyTooLong: {
    text: '服务账号“{name}”的访问密钥最多 {days} 天后过期。',
    next: '请选择更短的有效期；服务账号可以有多个密钥，可在过期之前更换。',
  },
  PlanNotSignable: { text: '无法为计划签名：{reason}。', next: '请拆分为多个目标较少的执行。' },
  PlanSignatureRefused: {
    text: '执行 {id} 不接受签名：{reason}。',
    next: '参见 `chandler execution signatures {id}`。',
  },

  ContentSignatureInvalid: {
    text: '签名无效：{reason}。',
    next: '请使用 `ssh-keygen -Y sign -n {namespace}` 签署{bytes}（docs/security.md）。',
  },
  ContentSignaturesTooMany: { text: '签名数量已达上限 {max}。', next: '使用已签名的密钥之一。' },
  TrustFileNotNewer: {
    text: '信任文件的版本 {version} 不高于已发布的版本 {newest}。',
    next: '增大文件中的版本号并重新签名。',
  },
  TrustFileInvalid: { text: '信任文件无效：{reason}。', next: '字段说明请参见 docs/security.md。' },
  TrustFileNotFound: {
    text: '尚未发布信任文件。',
    next: '使用 `chandler trust update FILE` 发布实例信任文件的后继版本。',
  },
} satisfies ErrorTexts
