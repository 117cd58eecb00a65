/** SO_LINGER of 0 seconds: closing resets the connection. */
export const resetOnClose = new Uint8Array(Int32Array.of(1, 0).buffer)
