// Options of sockets: what TCP has and AF_UNIX has not, and what the two answer differently.
#include <mswsock.h>
#include <ws2tcpip.h>

#include <cstring>
#include <cwchar>

#include "socket_table.h"
#include "unix_address.h"

namespace afunix_shim {

namespace {

bool IsOfInternet(int level) { return level == IPPROTO_TCP || level == IPPROTO_IP || level == IPPROTO_IPV6; }

// As the catalogue of Windows 10 describes AF_UNIX.
void Describe(char* value) {
  WSAPROTOCOL_INFOW info;
  memcpy(&info, value, sizeof info);
  info.iAddressFamily = AF_UNIX;
  info.iMaxSockAddr = sizeof(sockaddr_un);
  info.iMinSockAddr = sizeof(ADDRESS_FAMILY);
  info.iProtocol = 0;
  wcscpy(info.szProtocol, L"AF_UNIX");
  memcpy(value, &info, sizeof info);
}

// An accepted socket has the name of the one that listened.
void TakeName(SOCKET accepted, const char* value, int size) {
  SOCKET listening;
  UnixSocket known;
  if (size != sizeof listening) return;
  memcpy(&listening, value, sizeof listening);
  if (Find(listening, &known)) SetName(accepted, known.name);
}

}  // namespace

extern "C" int WSAAPI afunix_getsockopt(SOCKET socket, int level, int name, char* value, int* size) {
  const bool is_ours = IsOurs(socket);
  if (is_ours && IsOfInternet(level)) return Fail(WSAENOPROTOOPT);
  const int result = ::getsockopt(socket, level, name, value, size);
  if (result == 0 && is_ours && level == SOL_SOCKET && name == SO_PROTOCOL_INFOW) Describe(value);
  return result;
}

extern "C" int WSAAPI afunix_setsockopt(SOCKET socket, int level, int name, const char* value, int size) {
  const bool is_ours = IsOurs(socket);
  if (is_ours && IsOfInternet(level)) return Fail(WSAENOPROTOOPT);
  const int result = ::setsockopt(socket, level, name, value, size);
  if (result == 0 && is_ours && level == SOL_SOCKET && name == SO_UPDATE_ACCEPT_CONTEXT) TakeName(socket, value, size);
  return result;
}

}  // namespace afunix_shim
