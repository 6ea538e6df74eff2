import qrcode from 'qrcode-generator'

/** White around the code, in modules, as the standard demands. */
const margin = 4

/** A text as a QR code; dark on white in the dark mode, too, because many readers need it. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  const path = Array.from({ length: count * count }, (_, place) => [place % count, Math.floor(place / count)] as const)
    .filter(([column, row]) => code.isDark(row, column))
    .map(([column, row]) => `M${column + margin},${row + margin}h1v1h-1z`)
    .join('')
  const size = count + 2 * margin
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} width={220} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
