import type { ErrorTexts } from './error-texts.ts'

/** Errors of requests, files, the OOS API, the server itself and the connection to it, in Chinese. */
export const requestErrors = {
  UploadNotFound: {
    text: '当前账号中不存在上传 {id}。',
    next: '使用 POST /api/v1/uploads 开始新的上传。服务端会删除闲置一天的上传。',
  },
  UploadOffsetWrong: {
    text: '上传 {id} 不能从第 {offset} 字节继续：服务端已收到 {received} 字节。',
    next: '使用 GET /api/v1/uploads/{id} 获取偏移量，并从该位置继续。',
  },
  UploadIncomplete: {
    text: '上传 {id} 未完成：已收到 {received}/{sizeBytes} 字节。',
    next: '请先上传剩余的字节。',
  },
  UploadsTooMany: {
    text: '当前账号未完成的上传已达上限 {max}。',
    next: '完成或删除其中一些。服务端会删除闲置一天的上传。',
  },
  BucketNotFound: {
    text: '当前账号中不存在存储桶“{bucket}”。',
    next: '使用 `chandler bucket create {bucket}` 创建，或使用 `chandler bucket list` 查看存储桶。',
  },
  BucketNameTaken: { text: '当前账号中已有名为“{bucket}”的存储桶。', next: '使用该存储桶，或使用其他名称。' },
  BucketReserved: {
    text: '存储桶“{bucket}”是内置的：它包含所有已上传的软件包，不能修改或列出。',
    next: '使用其他存储桶。',
  },
  BucketNotEmpty: {
    text: '无法删除存储桶“{bucket}”：存储桶不为空。',
    next: '请先删除其中的对象；使用 `chandler object list {bucket}` 查看对象。',
  },
  ObjectNotFound: {
    text: '存储桶“{bucket}”中不存在对象“{key}”。',
    next: '使用 `chandler object put FILE {bucket}/{key}` 上传，或使用 `chandler object list {bucket}` 查看对象。',
  },
  ObjectChanged: {
    text: '存储桶“{bucket}”中的对象“{key}”的 SHA-256 为 {actual}，应为 {expected}。',
    next: '不指定 SHA-256 以使用当前对象，或重新上传预期的文件。',
  },
  TemplateContentInvalid: {
    text: '模板内容无效：{problem}。',
    next: '修正内容；与 OOS 的差异请参见 docs/oos-compatibility.md。',
  },
  TemplateContentTooLarge: {
    text: '模板内容超过 {maxBytes} 字节。',
    next: '将文件和较长的脚本移到软件包文件中。',
  },
  TemplateTypeUnsupported: {
    text: '不支持格式为“{format}”的模板；只能创建软件包模板。',
    next: '使用 FormatVersion OOS-2019-06-01-Package，并使用公共模板启动执行。',
  },
  TagResourceTypeUnsupported: { text: '类型为“{type}”的资源不支持标签。', next: '使用 template 或 execution。' },

  AccessKeyUnknown: {
    text: '访问密钥 {id} 不存在。',
    next: '检查访问密钥 ID；使用 `chandler access-key list` 查看访问密钥。',
  },
  SignatureInvalid: {
    text: '签名与请求和访问密钥不匹配：{reason}。',
    next: '检查访问密钥，并确保代理没有修改主机、查询参数或请求体。',
  },
  SignatureMethodUnsupported: {
    text: '不支持签名方法“{method}”。',
    next: '使用 SignatureVersion 1.0 的 HMAC-SHA1 或 HMAC-SHA256，或 ACS3-HMAC-SHA256。',
  },
  SignatureTimeInvalid: {
    text: '请求的时间戳“{time}”无效。',
    next: '使用 UTC 时间，格式为 YYYY-MM-DDThh:mm:ssZ。',
  },
  SignatureExpired: {
    text: '请求的时间戳 {time} 与服务端时间 {now} 相差超过 {minutes} 分钟。',
    next: '请同步客户端和服务端的时钟。',
  },
  SignatureNonceUsed: { text: '请求的 nonce 已被使用。', next: '每个请求使用唯一的 nonce。' },
  SecurityTokenUnsupported: {
    text: '请求包含安全令牌；该服务端不支持安全令牌。',
    next: '使用不带安全令牌的访问密钥。',
  },
  RequestParameterMissing: { text: '缺少请求参数 {name}。', next: '将其添加到查询参数或表单中。' },
  RequestParameterInvalid: {
    text: '请求参数 {name} 无效：{reason}。',
    next: '修正该参数；与 OOS 的差异请参见 docs/oos-compatibility.md。',
  },
  ActionNotFound: { text: '操作“{action}”不存在。', next: '支持的操作请参见 docs/oos-compatibility.md。' },
  ActionUnsupported: {
    text: '该服务端不支持操作 {action}：{reason}。',
    next: '支持的操作请参见 docs/oos-compatibility.md。',
  },
  TemplateNotFound: {
    text: '模板“{name}”不存在或不能启动。',
    next: '使用 ListTemplates 查看公共模板；要安装扩展程序，请启动 ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL。',
  },
  TemplateUnsupported: { text: '不能执行自定义模板：{reason}。', next: '请启动公共模板。' },
  ApiVersionUnsupported: { text: '不支持 API 版本“{version}”。', next: '使用 OOS 的版本 2019-06-01。' },

  DeliveryUnsupported: {
    text: '{field} 必须为 false：该服务端不支持投递到 {service}。',
    next: '请删除该字段。服务端自行存储执行及其输出。',
  },
  RequestInvalid: { text: '请求无效：{reason}。', next: '请参见 /docs 中的 API 参考。' },
  RequestHeadTooLarge: {
    text: '请求的地址和请求头超过 {maxBytes} 字节。',
    next: '请发送更小的请求。OOS API 的参数可以放在表单中发送。',
  },
  RequestTimedOut: { text: '请求超时。', next: '请重试。如果仍然出错，请检查客户端与服务端之间的网络和代理。' },
  BodyInvalid: {
    text: '请求体不是有效的 JSON：{reason}。',
    next: '发送格式正确的 JSON，content-type 为 application/json。',
  },
  BodyTooLarge: {
    text: '请求体超过 {maxBytes} 字节。',
    next: '请发送更小的请求。软件包文件请使用软件包上传。',
  },
  BodyTooDeep: { text: '请求体的嵌套超过 {maxDepth} 层。', next: '发送嵌套层数更少的 JSON。' },
  MediaTypeUnsupported: {
    text: '不支持内容类型“{contentType}”。',
    next: '发送 application/json，软件包使用 application/octet-stream。',
  },
  NotFound: { text: '路径 {path} 不存在。', next: '请参见 /docs 中的 API 参考。' },

  ObjectStoreUnavailable: {
    text: '对象存储不可用。',
    next: '请重试。如果仍然出错，请检查 CHANDLER_OBJECTS 以及存储的磁盘或网络。',
  },
  ObjectStoreRefused: {
    text: '对象存储拒绝了服务端的请求（{code}）。',
    next: '检查服务端的凭证、其权限以及 CHANDLER_OBJECTS 中的存储桶。在此之前重试没有作用。',
  },
  ObjectStoreFull: {
    text: '对象存储空间不足。',
    next: '释放 CHANDLER_OBJECTS 所在磁盘的空间，提高存储桶的配额，或删除不再使用的版本。',
  },
  Internal: {
    text: '发生内部错误（请求 {requestId}）。',
    next: '请在服务端日志中查找该请求 ID，并报告错误。',
  },
  DatabaseDiskFull: {
    text: '数据库的磁盘已满。',
    next: '释放磁盘空间后重试。内置 PostgreSQL 使用数据目录所在的磁盘。',
  },
  DatabaseUnavailable: {
    text: '数据库不可用。',
    next: '请重试；服务端会自动重新连接。如果仍然出错，请检查数据库和 DATABASE_URL。',
  },
  ServerBusy: { text: '服务端过载。', next: '请在几秒后重试。' },
  ServerStopping: { text: '服务端正在停止。', next: '请在几秒后重试。' },
  SchemaTooNew: {
    text: '数据库的架构版本为 {found}，该程序最高支持版本 {known}。',
    next: '启动创建该架构的版本或更高版本。要恢复到较早的版本，请还原升级前的备份。',
  },
  RekeyUnfinished: {
    text: '正在更换该数据库的密钥：部分机密使用旧密钥加密，其余使用新密钥加密。',
    next: '使用相同的选项再次运行“chandler server rekey”，它会继续执行。',
  },
  SchemaChanged: {
    text: '数据库的迁移 {name} 与该程序的迁移不同。',
    next: '启动创建该架构的程序版本；已发布的迁移不能修改。',
  },
  AddressInUse: {
    text: '地址 {address} 已被占用。',
    next: '停止另一个程序，或使用 --listen HOST:PORT 指定其他地址（端口 0 表示任选空闲端口）。',
  },
  ServerUnreachable: {
    text: '无法连接服务端 {url}：{reason}。',
    next: '检查地址（CHANDLER_SERVER）以及服务端是否正在运行。',
  },
  AnswerInvalid: {
    text: '{url} 的响应不是来自 Chandler 服务端：{reason}。',
    next: '检查地址是否为 Chandler 服务端，以及其版本是否与该程序兼容。',
  },
} satisfies ErrorTexts
