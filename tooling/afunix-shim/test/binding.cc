// Sockets that are made, bound and closed.
#include <ws2tcpip.h>

#include "check.h"

namespace {

void Kinds() {
  CheckError(socket(AF_UNIX, SOCK_DGRAM, 0) == INVALID_SOCKET, WSAESOCKTNOSUPPORT, "there are streams only");
  CheckError(socket(AF_UNIX, SOCK_STREAM, IPPROTO_TCP) == INVALID_SOCKET, WSAEPROTONOSUPPORT,
             "no protocol has a number");
  const SOCKET plain = socket(AF_UNIX, SOCK_STREAM, 0);
  Check(plain != INVALID_SOCKET, "socket() makes one");
  Check(closesocket(plain) == 0, "closesocket()");
}

void Unnamed() {
  const SOCKET socket = Open(AF_UNIX);
  UnixAddress name;
  name.size = sizeof name.storage;
  CheckError(getsockname(socket, name.get(), &name.size) != 0, WSAEINVAL, "an unbound socket has no name");
  CheckError(listen(socket, 5) != 0, WSAEINVAL, "and cannot listen");
  UnixAddress abstract("xabstract");
  abstract.storage.sun_path[0] = '\0';
  CheckError(BindTo(socket, abstract) != 0, WSAEINVAL, "there are no abstract names");
  sockaddr_in inet = {};
  inet.sin_family = AF_INET;
  CheckError(bind(socket, reinterpret_cast<sockaddr*>(&inet), sizeof inet) != 0, WSAEFAULT, "bind to another family");
  Check(BindTo(socket, UnixAddress()) == 0, "bind to no name");
  Check(IsNamed(getsockname, socket, ""), "which getsockname tells");
  CheckError(BindTo(socket, UnixAddress()) != 0, WSAEINVAL, "bind to no name, twice");
  closesocket(socket);
  const SOCKET other = Open(AF_UNIX);
  Check(BindTo(other, UnixAddress("")) == 0 && IsNamed(getsockname, other, ""), "bind to an empty name");
  closesocket(other);
}

void Paths(const std::string& folder) {
  const std::string path = folder + "\\s\u00f6cket";
  const std::string missing = folder + "\\missing\\socket";
  const SOCKET socket = Open(AF_UNIX);
  CheckError(BindTo(socket, UnixAddress(missing)) != 0, WSAENETDOWN, "bind in a folder that is missing");
  CheckError(BindTo(socket, UnixAddress(folder)) != 0, WSAEADDRINUSE, "bind to a folder");
  Check(BindTo(socket, UnixAddress(path)) == 0, "bind to a path, after failures");
  Check(IsNamed(getsockname, socket, path), "which getsockname tells");
  CheckError(BindTo(socket, UnixAddress(folder + "\\again")) != 0, WSAEINVAL, "bind twice");
  Check(!Exists(folder + "\\again"), "which leaves no file");
  const SOCKET second = Open(AF_UNIX);
  CheckError(BindTo(second, UnixAddress(path)) != 0, WSAEADDRINUSE, "bind to a path that is in use");
  closesocket(second);
  UnixAddress name;
  name.size = static_cast<int>(path.size());
  CheckError(getsockname(socket, name.get(), &name.size) != 0, WSAEFAULT, "no room for a name");
  closesocket(socket);
  int value, value_size = sizeof value;
  char* bytes = reinterpret_cast<char*>(&value);
  CheckError(getsockopt(socket, IPPROTO_TCP, TCP_NODELAY, bytes, &value_size) != 0, WSAENOTSOCK,
             "a closed one is forgotten");
  wchar_t wide[MAX_PATH];
  MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, wide, MAX_PATH);
  Check(GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES, "the file outlives the socket, by a name in UTF-8");
  Check(DeleteFileW(wide), "and can be removed");
}

void Relative(const std::string& folder) {
  char before[MAX_PATH];
  GetCurrentDirectoryA(sizeof before, before);
  SetCurrentDirectoryA(folder.c_str());
  const SOCKET socket = Open(AF_UNIX);
  Check(BindTo(socket, UnixAddress("relative")) == 0, "bind to a relative path");
  Check(IsNamed(getsockname, socket, "relative"), "which getsockname tells as it was given");
  closesocket(socket);
  SetCurrentDirectoryA(before);
  Check(DeleteFileA((folder + "\\relative").c_str()), "and which is in the current directory");
}

void Options() {
  const SOCKET socket = Open(AF_UNIX);
  int value = 1, size = sizeof value;
  char* bytes = reinterpret_cast<char*>(&value);
  CheckError(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, bytes, size) != 0, WSAENOPROTOOPT,
             "TCP's options are not set");
  CheckError(getsockopt(socket, IPPROTO_TCP, TCP_NODELAY, bytes, &size) != 0, WSAENOPROTOOPT, "and not told");
  CheckError(setsockopt(socket, IPPROTO_IP, IP_TTL, bytes, size) != 0, WSAENOPROTOOPT, "nor are IP's");
  CheckError(setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, bytes, size) != 0, WSAENOPROTOOPT, "nor IPv6's");
  Check(setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, bytes, size) == 0, "SO_REUSEADDR");
  WSAPROTOCOL_INFOW info;
  size = sizeof info;
  Check(getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&info), &size) == 0 &&
            info.iAddressFamily == AF_UNIX,
        "its family is told");
  closesocket(socket);
}

void OtherFamilies() {
  // Closed behind the stand-in's back; the next one has its number.
  const SOCKET closed = Open(AF_UNIX);
  CloseHandle(reinterpret_cast<HANDLE>(closed));
  const SOCKET socket = Open(AF_INET);
  Check(socket == closed, "a number is given out again");
  sockaddr_in inet = {};
  inet.sin_family = AF_INET;
  int size = sizeof inet, on = 1;
  Check(bind(socket, reinterpret_cast<sockaddr*>(&inet), size) == 0, "TCP is bound as ever");
  Check(getsockname(socket, reinterpret_cast<sockaddr*>(&inet), &size) == 0 && inet.sin_family == AF_INET, "and named");
  Check(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<char*>(&on), sizeof on) == 0,
        "and has its options");
  Check(BindTo(socket, UnixAddress()) != 0, "but is not bound to a path");
  closesocket(socket);
}

}  // namespace

void CheckBinding(const std::string& folder) {
  Kinds();
  Unnamed();
  Paths(folder);
  Relative(folder);
  Options();
  OtherFamilies();
}
