import { expect, test } from 'vitest'
import { makeFacts } from '../../../test/make-instance.ts'
import { matchScope } from '../../core/plan/scope.ts'
import { parseOsRelease, readDistribution } from './os-release.ts'

test.each([
  ['ID=debian', 'debian'],
  ['ID="ubuntu"', 'ubuntu'],
  ["ID='alinux'", 'alinux'],
  ['  ID=rocky  ', 'rocky'],
  ['# ID=no\nID=yes', 'yes'],
  ['ID=""', ''],
  ['ID="a \\"b\\" \\$c \\\\"', 'a "b" $c \\'],
  ["ID='\\n'", '\\n'],
  ['ID="', '"'],
])('%j', (text, id) => {
  expect(parseOsRelease(text).get('ID')).toBe(id)
})

test('parses a whole file, including Windows line ends and meaningless lines', () => {
  const text =
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\r\nVERSION_ID="12"\r\n\r\nnonsense\n=x\nANSI_COLOR="0;31"\nVARIANT="a=b"\n'
  expect([...parseOsRelease(text)]).toEqual([
    ['PRETTY_NAME', 'Debian GNU/Linux 12 (bookworm)'],
    ['VERSION_ID', '12'],
    ['ANSI_COLOR', '0;31'],
    ['VARIANT', 'a=b'],
  ])
})

/** Texts of real images, without addresses of homepages and bug trackers. */
const releases: readonly [text: string, id: string, version: string, idLike: string][] = [
  [
    'NAME="Rocky Linux"\nVERSION="9.4 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPLATFORM_ID="platform:el9"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\nANSI_COLOR="0;32"\nLOGO="fedora-logo-icon"\nCPE_NAME="cpe:/o:rocky:rocky:9::baseos"\nSUPPORT_END="2032-05-31"\nROCKY_SUPPORT_PRODUCT="Rocky-Linux-9"\n',
    'rocky',
    '9.4',
    'rhel centos fedora',
  ],
  [
    'NAME="AlmaLinux"\nVERSION="9.3 (Shamrock Pampas Cat)"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\nPLATFORM_ID="platform:el9"\nPRETTY_NAME="AlmaLinux 9.3 (Shamrock Pampas Cat)"\nANSI_COLOR="0;34"\nCPE_NAME="cpe:/o:almalinux:almalinux:9::baseos"\n\nALMALINUX_MANTISBT_PROJECT="AlmaLinux-9"\n',
    'almalinux',
    '9.3',
    'rhel centos fedora',
  ],
  [
    'NAME="Red Hat Enterprise Linux"\nVERSION="9.4 (Plow)"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\nPLATFORM_ID="platform:el9"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"\nANSI_COLOR="0;31"\nREDHAT_SUPPORT_PRODUCT_VERSION="9.4"\n',
    'rhel',
    '9.4',
    'fedora',
  ],
  [
    'NAME="CentOS Stream"\nVERSION="9"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="9"\nPLATFORM_ID="platform:el9"\nPRETTY_NAME="CentOS Stream 9"\nCPE_NAME="cpe:/o:centos:centos:9"\nREDHAT_SUPPORT_PRODUCT_VERSION="CentOS Stream"\n',
    'centos',
    '9',
    'rhel fedora',
  ],
  [
    'NAME="Fedora Linux"\nVERSION="40 (Server Edition)"\nID=fedora\nVERSION_ID=40\nVERSION_CODENAME=""\nPLATFORM_ID="platform:f40"\nPRETTY_NAME="Fedora Linux 40 (Server Edition)"\nANSI_COLOR="0;38;2;60;110;180"\nVARIANT="Server Edition"\nVARIANT_ID=server\n',
    'fedora',
    '40',
    '',
  ],
  [
    'NAME="Oracle Linux Server"\nVERSION="8.10"\nID="ol"\nID_LIKE="fedora"\nVARIANT="Server"\nVARIANT_ID="server"\nVERSION_ID="8.10"\nPLATFORM_ID="platform:el8"\nPRETTY_NAME="Oracle Linux Server 8.10"\n\nORACLE_SUPPORT_PRODUCT_VERSION=8.10\n',
    'ol',
    '8.10',
    'fedora',
  ],
  [
    'NAME="Oracle Linux Server"\nVERSION="7.3"\nID="ol"\nVERSION_ID="7.3"\nPRETTY_NAME="Oracle Linux Server 7.3"\n',
    'ol',
    '7.3',
    '',
  ],
  [
    'NAME="Amazon Linux"\nVERSION="2"\nID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\nPRETTY_NAME="Amazon Linux 2"\nANSI_COLOR="0;33"\n',
    'amzn',
    '2',
    'centos rhel fedora',
  ],
  [
    'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\nPLATFORM_ID="platform:al2023"\nPRETTY_NAME="Amazon Linux 2023.4.20240528"\nVENDOR_NAME="AWS"\n',
    'amzn',
    '2023',
    'fedora',
  ],
  [
    'NAME="openEuler"\nVERSION="22.03 (LTS-SP2)"\nID="openEuler"\nVERSION_ID="22.03"\nPRETTY_NAME="openEuler 22.03 (LTS-SP2)"\nANSI_COLOR="0;31"\n\n',
    'openeuler',
    '22.03',
    '',
  ],
  [
    'NAME="Anolis OS"\nVERSION="8.8"\nID="anolis"\nID_LIKE="rhel fedora centos"\nVERSION_ID="8.8"\nPLATFORM_ID="platform:an8"\nPRETTY_NAME="Anolis OS 8.8"\n',
    'anolis',
    '8.8',
    'rhel fedora centos',
  ],
  [
    'NAME="Anolis OS"\nVERSION="23"\nID="anolis"\nVERSION_ID="23"\nPLATFORM_ID="platform:an23"\nPRETTY_NAME="Anolis OS 23"\n',
    'anolis',
    '23',
    '',
  ],
  [
    'NAME="Alibaba Cloud Linux"\nVERSION="3 (OpenAnolis Edition)"\nID="alinux"\nID_LIKE="rhel fedora centos anolis"\nVERSION_ID="3"\nVARIANT="OpenAnolis Edition"\nVARIANT_ID="openanolis"\nALINUX_MINOR_ID="2104"\nALINUX_UPDATE_ID="13"\nPLATFORM_ID="platform:al8"\nPRETTY_NAME="Alibaba Cloud Linux 3.2104 U13 (OpenAnolis Edition)"\n',
    'alinux',
    '3',
    'rhel fedora centos anolis',
  ],
  [
    'NAME="Alibaba Cloud Linux"\nVERSION="4"\nID="alinux"\nID_LIKE="anolis"\nVERSION_ID="4"\nVARIANT="Pro Edition"\nPLATFORM_ID="platform:alnx4"\nPRETTY_NAME="Alibaba Cloud Linux 4.0.1 (Pro Edition)"\n',
    'alinux',
    '4',
    'anolis',
  ],
  [
    'NAME="SLES"\nVERSION="15-SP5"\nVERSION_ID="15.5"\nPRETTY_NAME="SUSE Linux Enterprise Server 15 SP5"\nID="sles"\nID_LIKE="suse"\nANSI_COLOR="0;32"\nCPE_NAME="cpe:/o:suse:sles:15:sp5"\n',
    'sles',
    '15.5',
    'suse',
  ],
  [
    'NAME="SLES_SAP"\nVERSION_ID="12.5"\nPRETTY_NAME="SUSE Linux Enterprise Server for SAP Applications 12 SP5"\nID="sles_sap"\n',
    'sles_sap',
    '12.5',
    '',
  ],
  [
    'NAME="openSUSE Leap"\nVERSION="15.6"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"\nPRETTY_NAME="openSUSE Leap 15.6"\nCPE_NAME="cpe:/o:opensuse:leap:15.6"\nLOGO="distributor-logo-Leap"\n',
    'opensuse-leap',
    '15.6',
    'suse opensuse',
  ],
]

test.each(releases)('%# %j', (text, id, version, idLike) => {
  const found = readDistribution(text, 'linux')
  expect(found).toMatchObject({ id, version, idLike: idLike.split(' ').filter(Boolean) })
  expect(text).toContain(`PRETTY_NAME="${found.name}"`)
})

test.each<[string, readonly string[]]>([
  [
    'like:rhel',
    ['rocky 9.4', 'almalinux 9.3', 'rhel 9.4', 'centos 9', 'ol 8.10', 'ol 7.3', 'amzn 2', 'anolis 8.8', 'alinux 3'],
  ],
  ['like:suse', ['sles 15.5', 'sles_sap 12.5', 'opensuse-leap 15.6']],
])('%s is in a scope for these and no others', (platform, names) => {
  const allowed = releases.flatMap(([text]) => {
    const os = { ...makeFacts().os, ...readDistribution(text, 'linux') }
    return matchScope({ platforms: [{ id: platform }] }, { os }).allowed ? [`${os.id} ${os.version}`] : []
  })
  expect(allowed).toEqual(names)
})

test('like:fedora is in a scope for all of them but SUSE', () => {
  const refused = releases.flatMap(([text]) => {
    const os = { ...makeFacts().os, ...readDistribution(text, 'linux') }
    return matchScope({ platforms: [{ id: 'like:fedora' }] }, { os }).allowed ? [] : [os.id]
  })
  expect(refused).toEqual(['sles', 'sles_sap', 'opensuse-leap'])
})

test('a file without an id has that of the operating system', () => {
  expect(readDistribution('', 'linux')).toEqual({ id: 'linux', version: '', idLike: [], name: 'linux' })
})
