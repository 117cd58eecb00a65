/** Bytes in which a shift of any part shows. */
export function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let index = 0; index < size; index++) bytes[index] = ((index * 31 + (index >> 8)) % 251) | 0x80
  return bytes
}
