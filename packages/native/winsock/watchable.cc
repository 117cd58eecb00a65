#include "common/registrations.h"
#include "winsock/socket.h"

namespace loop {

int CanBeWatched(int fd) {
  int type, size = sizeof type;
  const SOCKET socket = static_cast<SOCKET>(static_cast<unsigned int>(fd));
  return ::getsockopt(socket, SOL_SOCKET, SO_TYPE, reinterpret_cast<char*>(&type), &size) == 0 ? 0 : LastSocketError();
}

}  // namespace loop
