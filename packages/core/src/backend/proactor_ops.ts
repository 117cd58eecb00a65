/**
 * The completion half of what a backend gives: operations that the system carries out by itself, and that tell when they
 * are done. Windows' I/O completion ports are the model; io_uring would give the same.
 *
 * An operation is begun with a slot and a generation of the caller's, and comes back under them exactly once: at once, as
 * the result of the call that began it, or later as a completion of `wait`. `PENDING` tells the two apart. A slot is free
 * again when the operation has come back, and not before: a cancelled one comes back, too, with -ECANCELED or with what it
 * had done already.
 *
 * Memory of operations is the backend's own, never JavaScript's, which could be detached or collected while the system
 * still reads or writes it: what is sent is copied when the operation begins, what came is copied out by `take`. It is
 * freed when the completion has arrived and was taken, also where an operation was cancelled, its socket closed, or the
 * proactor itself; what the system still holds then, it keeps.
 */
/** The operation goes on; a completion comes. No errno has this number. */
export const PENDING = -0x8000_0000

/** Words of {@link NativeProactor.completions}: which operation. */
export const COMPLETION_SLOT = 0
/** Its generation. */
export const COMPLETION_GENERATION = 1
/** What came of it: zero or more, or -errno; -ECANCELED after `cancel`. */
export const COMPLETION_RESULT = 2
/** How many words each has. */
export const COMPLETION_LENGTH = 3

/** The mechanisms of completion, by the names of `LOOP_BACKEND`. */
export type ProactorName = 'iocp'

/** What a thread can wait for beside the host's loop: see `NativeDrivers.WaiterThread`. */
export interface NativeWaitable {
  /** Blocks up to `timeout` milliseconds (fractions count; 0 polls); how many there are, or -EINTR. */
  wait(timeout: number): number
}

/**
 * Operations under way. They give their result at once, `PENDING`, or -errno where they could not begin. `fd` is a socket,
 * `handle` another kind of HANDLE that was opened for overlapped operation; but for `poll` and `waitForHandle` it must have been
 * given to `associate` before.
 */
export interface NativeProactor extends NativeWaitable {
  /** What `wait` found: COMPLETION_* words each. */
  readonly completions: Int32Array
  /** Ends a running or the next `wait`. */
  wake(): void
  /** Cancels everything that is under way, waits until the system has let go of its memory, and frees it. Idempotent. */
  close(): void

  /** Binds a socket or another handle to this proactor for good; 0, also if it is bound already, or -EINVAL if it is to another. */
  associate(handle: number): number

  /** WSARecv of up to `size` bytes: how many came, 0 at the end; `take` has them. */
  recv(fd: number, slot: number, generation: number, size: number): number
  /** WSASend of `buffers[from..]`, the first from `offset` on, at most `limit` bytes of them; how many were sent. */
  send(
    fd: number,
    slot: number,
    generation: number,
    buffers: readonly Uint8Array[],
    from: number,
    offset: number,
    limit: number,
  ): number
  /** AcceptEx: the new socket, non-blocking, whose own and peer's name can be asked for. `family`: of the listening socket. */
  accept(fd: number, slot: number, generation: number, family: number): number
  /** ConnectEx to an address in the system's form (`packAddress`), binding the socket first where it is not yet; 0. */
  connect(fd: number, slot: number, generation: number, address: Uint8Array): number
  /** TransmitFile: `count` bytes of `file` (a descriptor of the host's) from `offset` on, at most 2 GiB - 1; how many were sent. */
  transmitFile(fd: number, slot: number, generation: number, file: number, offset: number, count: number): number

  /** ReadFile of up to `size` bytes: how many came, 0 at the end; `take` has them. */
  read(handle: number, slot: number, generation: number, size: number): number
  /** WriteFile of `buffers[from..]`, as `send`; how many bytes were written. */
  write(
    handle: number,
    slot: number,
    generation: number,
    buffers: readonly Uint8Array[],
    from: number,
    offset: number,
    limit: number,
  ): number
  /** ConnectNamedPipe: a client has come; 0. */
  connectNamedPipe(handle: number, slot: number, generation: number): number

  /** Waits, once, until a socket is ready for any of `events` (EVENT_READ, EVENT_WRITE), its end and errors included; which it is. */
  poll(fd: number, slot: number, generation: number, events: number): number
  /** Waits until `handle` (a process, an event) is signalled; 0. The handle must stay open until this has come back. */
  waitForHandle(handle: number, slot: number, generation: number): number

  /** Asks the system to end an operation early; 0, or -ENOENT if none is under way there. It still comes back. */
  cancel(slot: number, generation: number): number

  /**
   * Copies what a finished `recv` or `read` brought into a part of `buffer` and lets go of it: to be called once for each that
   * gave more than 0 bytes; with a `length` of 0 it only lets go.
   * @returns how many bytes were copied
   */
  take(slot: number, buffer: Uint8Array, offset: number, length: number): number
}

/** Named pipes: handles for `connectNamedPipe`, `read` and `write`, which `associate` must be given first. */
export interface PipeOps {
  /** CreateNamedPipe: one end, of bytes in both directions, that waits for a client of this machine. `first`: -EPERM if the name is taken. */
  createNamedPipe(name: string, first: boolean): number
  /**
   * Writes the reading and the writing end of a pipe that has no other user into `pair`. `is*Overlapped`: whether that end is for
   * operations of a proactor; programs expect ends that are not. `isDuplex`: the writing end can also read, and so learns that the
   * reading one was closed.
   */
  openPipe(pair: Int32Array, readerIsOverlapped: boolean, writerIsOverlapped: boolean, isDuplex: boolean): number
  /** The handle of a descriptor of the host's (`fs.open`), which stays the host's; -EBADF. */
  hostHandle(fd: number): number
  /** CreateFile: the other end; -EBUSY while no end waits, -ENOENT where there is no such pipe. */
  openNamedPipe(name: string): number
  /** CloseHandle. */
  close(handle: number): number
}
