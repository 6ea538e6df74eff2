/** Without letters that look alike: somebody may have to read it out. */
const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const length = 20

/** 20 letters of 56 each: 116 bits. `random` gives that many bytes. */
export function makePassword(random: (size: number) => Uint8Array): string {
  let password = ''
  while (password.length < length) {
    for (const byte of random(length)) {
      // Bytes at the end of the range would favour the first letters.
      if (byte < 256 - (256 % letters.length) && password.length < length) password += letters[byte % letters.length]
    }
  }
  return password
}
