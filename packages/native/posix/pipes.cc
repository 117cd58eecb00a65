#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <climits>

#include "common/arguments.h"
#include "posix/descriptor.h"
#include "posix/process.h"

// What a child's standard streams go through. Blocking, because the child's side has to be: programs do not expect
// anything else. Each end has a mode of its own, and transports change theirs.

namespace loop {

namespace {

napi_value Pipe(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  Integers pair;
  if (!args.Pair(0, &pair)) return nullptr;
  return Outcome(env, OpenBlockingPipe(pair.data));
}

// 0, or -1 with errno and nothing open.
int OpenTerminal(int pair[2], const winsize& size, char* name, size_t name_size) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) return -1;
  int error = grantpt(master) < 0 || unlockpt(master) < 0 ? errno : ptsname_r(master, name, name_size);
  const int slave = error == 0 ? ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
  if (error == 0 && slave < 0) error = errno;
  if (error == 0 && size.ws_row > 0 && ioctl(slave, TIOCSWINSZ, &size) < 0) error = errno;
  if (error == 0) {
    pair[0] = master;
    pair[1] = slave;
    return 0;
  }
  if (slave >= 0) close(slave);
  close(master);
  errno = error;
  return -1;
}

napi_value Openpty(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  Integers pair;
  uint64_t rows, columns;
  if (!args.Size(0, "rows", USHRT_MAX, &rows) || !args.Size(1, "columns", USHRT_MAX, &columns) || !args.Pair(2, &pair)) {
    return nullptr;
  }
  winsize size = {};
  size.ws_row = static_cast<unsigned short>(rows);
  size.ws_col = static_cast<unsigned short>(columns);
  char name[64];
  if (OpenTerminal(pair.data, size, name, sizeof name) < 0) return Outcome(env, -1);
  napi_value result = nullptr;
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &result);
  return result;
}

}  // namespace

bool DefinePipes(napi_env env, napi_value processes) {
  const Function functions[] = {{"pipe", Pipe}, {"openpty", Openpty}};
  return DefineFunctions(env, processes, functions);
}

}  // namespace loop
