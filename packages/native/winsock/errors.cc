#include "winsock/errors.h"

// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <winternl.h>
// clang-format on

#include <uv/errno.h>

#include <cerrno>
#include <cstddef>

#include "common/arguments.h"

namespace loop {

namespace {

struct Translation {
  uint32_t from;
  int32_t to;
};

// ERROR_ELEVATION_REQUIRED, which MinGW's headers lack: a program wants to be an administrator's.
constexpr uint32_t kElevationRequired = 740;

constexpr Translation kTranslations[] = {
    {ERROR_SUCCESS, 0},
    // Of Winsock.
    {WSAEWOULDBLOCK, UV__EAGAIN},
    {WSAEINTR, UV__EINTR},
    {WSAEBADF, UV__EBADF},
    {WSAEACCES, UV__EACCES},
    {WSAEFAULT, UV__EFAULT},
    {WSAEINVAL, UV__EINVAL},
    {WSAEMFILE, UV__EMFILE},
    {WSAEALREADY, UV__EALREADY},
    {WSAENOTSOCK, UV__ENOTSOCK},
    {WSAEDESTADDRREQ, UV__EDESTADDRREQ},
    {WSAEMSGSIZE, UV__EMSGSIZE},
    {WSAEPROTOTYPE, UV__EPROTOTYPE},
    {WSAENOPROTOOPT, UV__ENOPROTOOPT},
    {WSAEPROTONOSUPPORT, UV__EPROTONOSUPPORT},
    {WSAESOCKTNOSUPPORT, UV__ESOCKTNOSUPPORT},
    {WSAEOPNOTSUPP, UV__ENOTSUP},
    {WSAEPFNOSUPPORT, UV__EAFNOSUPPORT},
    {WSAEAFNOSUPPORT, UV__EAFNOSUPPORT},
    {WSAEADDRINUSE, UV__EADDRINUSE},
    {WSAEADDRNOTAVAIL, UV__EADDRNOTAVAIL},
    {WSAENETDOWN, UV__ENETDOWN},
    {WSAENETUNREACH, UV__ENETUNREACH},
    {WSAENETRESET, UV__ECONNRESET},
    {WSAECONNABORTED, UV__ECONNABORTED},
    {WSAECONNRESET, UV__ECONNRESET},
    {WSAEDISCON, UV__ECONNRESET},
    {WSAENOBUFS, UV__ENOBUFS},
    {WSAEISCONN, UV__EISCONN},
    {WSAENOTCONN, UV__ENOTCONN},
    // What POSIX answers for sending behind a shutdown.
    {WSAESHUTDOWN, UV__EPIPE},
    {WSAETIMEDOUT, UV__ETIMEDOUT},
    {WSAECONNREFUSED, UV__ECONNREFUSED},
    {WSAELOOP, UV__ELOOP},
    {WSAENAMETOOLONG, UV__ENAMETOOLONG},
    {WSAEHOSTDOWN, UV__EHOSTDOWN},
    {WSAEHOSTUNREACH, UV__EHOSTUNREACH},
    {WSA_E_CANCELLED, UV__ECANCELED},
    {WSAECANCELLED, UV__ECANCELED},
    {WSAHOST_NOT_FOUND, UV__ENOENT},
    {WSANO_DATA, UV__ENOENT},
    // Of the system; those of operations that have come back among them.
    {ERROR_FILE_NOT_FOUND, UV__ENOENT},
    {ERROR_PATH_NOT_FOUND, UV__ENOENT},
    {ERROR_INVALID_NAME, UV__ENOENT},
    {ERROR_BAD_PATHNAME, UV__ENOENT},
    {ERROR_DIRECTORY, UV__ENOENT},
    {ERROR_MOD_NOT_FOUND, UV__ENOENT},
    {ERROR_TOO_MANY_OPEN_FILES, UV__EMFILE},
    {ERROR_ACCESS_DENIED, UV__EPERM},
    {ERROR_PRIVILEGE_NOT_HELD, UV__EPERM},
    {ERROR_NOACCESS, UV__EACCES},
    {kElevationRequired, UV__EACCES},
    {ERROR_INVALID_HANDLE, UV__EBADF},
    {ERROR_NOT_ENOUGH_MEMORY, UV__ENOMEM},
    {ERROR_OUTOFMEMORY, UV__ENOMEM},
    {ERROR_COMMITMENT_LIMIT, UV__ENOMEM},
    {ERROR_NO_SYSTEM_RESOURCES, UV__ENOMEM},
    {ERROR_WORKING_SET_QUOTA, UV__ENOBUFS},
    {ERROR_NOT_ENOUGH_QUOTA, UV__ENOBUFS},
    {ERROR_SHARING_VIOLATION, UV__EBUSY},
    {ERROR_LOCK_VIOLATION, UV__EBUSY},
    {ERROR_PIPE_BUSY, UV__EBUSY},
    {ERROR_NOT_SUPPORTED, UV__ENOTSUP},
    {ERROR_INVALID_FUNCTION, UV__EISDIR},
    {ERROR_INVALID_PARAMETER, UV__EINVAL},
    {ERROR_INVALID_FLAGS, UV__EINVAL},
    {ERROR_BAD_EXE_FORMAT, UV__EFTYPE},
    {ERROR_BROKEN_PIPE, UV__EPIPE},
    {ERROR_NO_DATA, UV__EPIPE},
    {ERROR_BAD_PIPE, UV__EPIPE},
    {ERROR_PIPE_NOT_CONNECTED, UV__EPIPE},
    {ERROR_HANDLE_EOF, UV__EOF},
    {ERROR_MORE_DATA, UV__EMSGSIZE},
    {ERROR_NOT_FOUND, UV__ENOENT},
    {ERROR_ALREADY_EXISTS, UV__EEXIST},
    {ERROR_FILE_EXISTS, UV__EEXIST},
    {ERROR_FILENAME_EXCED_RANGE, UV__ENAMETOOLONG},
    {ERROR_BUFFER_OVERFLOW, UV__EFAULT},
    {ERROR_DISK_FULL, UV__ENOSPC},
    {ERROR_WRITE_PROTECT, UV__EROFS},
    {ERROR_SEM_TIMEOUT, UV__ETIMEDOUT},
    {ERROR_TIMEOUT, UV__ETIMEDOUT},
    {WAIT_TIMEOUT, UV__ETIMEDOUT},
    {ERROR_OPERATION_ABORTED, UV__ECANCELED},
    {ERROR_CANCELLED, UV__ECANCELED},
    {ERROR_NETNAME_DELETED, UV__ECONNRESET},
    {ERROR_CONNECTION_ABORTED, UV__ECONNABORTED},
    {ERROR_CONNECTION_REFUSED, UV__ECONNREFUSED},
    {ERROR_PORT_UNREACHABLE, UV__ECONNREFUSED},
    {ERROR_HOST_UNREACHABLE, UV__EHOSTUNREACH},
    {ERROR_NETWORK_UNREACHABLE, UV__ENETUNREACH},
    {ERROR_ADDRESS_ALREADY_ASSOCIATED, UV__EADDRINUSE},
    {ERROR_CONNECTION_INVALID, UV__ENOTCONN},
    {ERROR_GRACEFUL_DISCONNECT, UV__EPIPE},
    {ERROR_SYMLINK_NOT_SUPPORTED, UV__EINVAL},
    {ERROR_CANT_RESOLVE_FILENAME, UV__ELOOP},
    {ERROR_NOT_A_REPARSE_POINT, UV__EINVAL},
    {ERROR_IO_DEVICE, UV__EIO},
    {ERROR_CRC, UV__EIO},
    {ERROR_INVALID_ADDRESS, UV__EFAULT},
};

struct Named {
  const char* name;
  int32_t number;
};

#define NAMED(name) {#name, -UV__##name}

constexpr Named kErrors[] = {
    NAMED(E2BIG), NAMED(EACCES), NAMED(EADDRINUSE), NAMED(EADDRNOTAVAIL), NAMED(EAFNOSUPPORT), NAMED(EAGAIN),
    NAMED(EALREADY), NAMED(EBADF), NAMED(EBUSY), NAMED(ECANCELED), NAMED(ECONNABORTED), NAMED(ECONNREFUSED),
    NAMED(ECONNRESET), NAMED(EDESTADDRREQ), NAMED(EEXIST), NAMED(EFAULT), NAMED(EHOSTDOWN), NAMED(EHOSTUNREACH),
    NAMED(EINTR), NAMED(EINVAL), NAMED(EIO), NAMED(EISCONN), NAMED(EISDIR), NAMED(ELOOP), NAMED(EMFILE),
    NAMED(EMSGSIZE), NAMED(ENAMETOOLONG), NAMED(ENETDOWN), NAMED(ENETUNREACH), NAMED(ENFILE), NAMED(ENOBUFS),
    NAMED(ENODEV), NAMED(ENOENT), NAMED(ENOMEM), NAMED(ENOPROTOOPT), NAMED(ENOSPC), NAMED(ENOSYS), NAMED(ENOTCONN),
    NAMED(ENOTDIR), NAMED(ENOTEMPTY), NAMED(ENOTSOCK), NAMED(ENOTSUP), NAMED(EPERM), NAMED(EPIPE), NAMED(EPROTO),
    NAMED(EPROTONOSUPPORT), NAMED(EPROTOTYPE), NAMED(ERANGE), NAMED(EROFS), NAMED(ESHUTDOWN), NAMED(ESOCKTNOSUPPORT),
    NAMED(ESPIPE), NAMED(ESRCH), NAMED(ETIMEDOUT), NAMED(EXDEV),
    // Names of POSIX that libuv has no number for: those of the same meaning, or else the C library's.
    {"EWOULDBLOCK", -UV__EAGAIN}, {"EOPNOTSUPP", -UV__ENOTSUP}, {"EPFNOSUPPORT", -UV__EAFNOSUPPORT},
    {"EINPROGRESS", -kInProgress},
};

}  // namespace

int32_t FromWindowsError(uint32_t error) {
  for (const Translation& translation : kTranslations) {
    if (translation.from == error) return translation.to;
  }
  return UV__UNKNOWN;
}

int32_t FromStatus(int32_t status) { return FromWindowsError(RtlNtStatusToDosError(status)); }

int32_t LastError() { return FromWindowsError(GetLastError()); }

int32_t LastSocketError() { return FromWindowsError(static_cast<uint32_t>(WSAGetLastError())); }

int32_t ErrorResult(int error) {
  switch (error) {
    case EINVAL:
      return UV__EINVAL;
    case EBADF:
      return UV__EBADF;
    case EBUSY:
      return UV__EBUSY;
    case EEXIST:
      return UV__EEXIST;
    case EMFILE:
      return UV__EMFILE;
    case ENAMETOOLONG:
      return UV__ENAMETOOLONG;
    case EAFNOSUPPORT:
      return UV__EAFNOSUPPORT;
    case ENODEV:
      return UV__ENODEV;
    case ENOENT:
      return UV__ENOENT;
    case ENOSYS:
      return UV__ENOSYS;
    case EMSGSIZE:
      return UV__EMSGSIZE;
    default:
      return UV__UNKNOWN;
  }
}

const char* ErrorName(int error) {
  for (const Named& named : kErrors) {
    if (named.number == error) return named.name;
  }
  return nullptr;
}

bool DefineErrors(napi_env env, napi_value constants) {
  for (const Named& named : kErrors) {
    if (napi_set_named_property(env, constants, named.name, Number(env, named.number)) != napi_ok) return false;
  }
  return true;
}

}  // namespace loop
