#include "winsock/socket_pair.h"

#include <ws2tcpip.h>

#include <cstring>

#include "winsock/socket.h"

namespace loop {

namespace {

// Closes what it owns unless that was let go.
class Owned {
 public:
  explicit Owned(SOCKET socket) : socket_(socket) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (socket_ != INVALID_SOCKET) closesocket(socket_);
  }

  SOCKET get() const { return socket_; }
  bool is_open() const { return socket_ != INVALID_SOCKET; }
  SOCKET Release() {
    const SOCKET socket = socket_;
    socket_ = INVALID_SOCKET;
    return socket;
  }

 private:
  SOCKET socket_;
};

struct Address {
  sockaddr_storage storage;
  int size;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

void SetLoopback(int family, Address* address) {
  memset(&address->storage, 0, sizeof address->storage);
  if (family == AF_INET6) {
    auto* inet = reinterpret_cast<sockaddr_in6*>(&address->storage);
    inet->sin6_family = AF_INET6;
    inet->sin6_addr = in6addr_loopback;
    address->size = sizeof *inet;
  } else {
    auto* inet = reinterpret_cast<sockaddr_in*>(&address->storage);
    inet->sin_family = AF_INET;
    inet->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address->size = sizeof *inet;
  }
}

bool NameOf(SOCKET socket, Address* address) {
  address->size = sizeof address->storage;
  return getsockname(socket, address->get(), &address->size) == 0;
}

bool BindToLoopback(SOCKET socket, int family, Address* address) {
  SetLoopback(family, address);
  return bind(socket, address->get(), address->size) == 0 && NameOf(socket, address);
}

bool IsSame(const Address& one, const Address& other) {
  return one.size == other.size && memcmp(&one.storage, &other.storage, static_cast<size_t>(one.size)) == 0;
}

bool ConnectDatagrams(int family, SOCKET one, SOCKET other) {
  Address first, second;
  return BindToLoopback(one, family, &first) && BindToLoopback(other, family, &second) &&
         connect(one, second.get(), second.size) == 0 && connect(other, first.get(), first.size) == 0;
}

// These calls wait, for no longer than the loopback interface needs.
bool ConnectStreams(int family, int protocol, Owned* connecting, SOCKET* accepted) {
  // For overlapped operation, which the accepted socket takes from it.
  Owned listening(
      WSASocketW(family, SOCK_STREAM, protocol, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
  Address address, own, peer;
  u_long off = 0, on = 1;
  if (!listening.is_open() || !BindToLoopback(listening.get(), family, &address) || listen(listening.get(), 1) != 0 ||
      ioctlsocket(connecting->get(), FIONBIO, &off) != 0 ||
      connect(connecting->get(), address.get(), address.size) != 0 || !NameOf(connecting->get(), &own)) {
    return false;
  }
  peer.size = sizeof peer.storage;
  Owned connection(accept(listening.get(), peer.get(), &peer.size));
  if (!connection.is_open()) return false;
  // Anybody can connect to a port of the loopback interface.
  if (!IsSame(own, peer)) {
    WSASetLastError(WSAECONNABORTED);
    return false;
  }
  SetHandleInformation(reinterpret_cast<HANDLE>(connection.get()), HANDLE_FLAG_INHERIT, 0);
  if (ioctlsocket(connecting->get(), FIONBIO, &on) != 0 || ioctlsocket(connection.get(), FIONBIO, &on) != 0) return false;
  *accepted = connection.Release();
  return true;
}

}  // namespace

int32_t OpenSocketPair(int family, int type, int protocol, SOCKET pair[2]) {
  if (family != AF_INET && family != AF_INET6) return FromWindowsError(WSAEAFNOSUPPORT);
  Owned first(OpenSocket(family, type, protocol));
  if (!first.is_open()) return LastSocketError();
  if (type == SOCK_DGRAM) {
    Owned second(OpenSocket(family, type, protocol));
    if (!second.is_open() || !ConnectDatagrams(family, first.get(), second.get())) return LastSocketError();
    pair[1] = second.Release();
  } else if (type != SOCK_STREAM) {
    return FromWindowsError(WSAESOCKTNOSUPPORT);
  } else if (!ConnectStreams(family, protocol, &first, &pair[1])) {
    return LastSocketError();
  }
  pair[0] = first.Release();
  return 0;
}

}  // namespace loop
