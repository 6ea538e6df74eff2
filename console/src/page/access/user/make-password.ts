/** Characters without look-alikes, because passwords may be read out. */
const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const length = 20

/** 20 characters of 56: 116 bits. `random` returns that many bytes. */
export function makePassword(random: (size: number) => Uint8Array): string {
  let password = ''
  while (password.length < length) {
    for (const byte of random(length)) {
      // Bytes at the end of the range would favour the first characters.
      if (byte < 256 - (256 % letters.length) && password.length < length) password += letters[byte % letters.length]
    }
  }
  return password
}
