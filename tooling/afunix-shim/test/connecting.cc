// Connections, over a completion port as the addon makes them, and plain ones.
// clang-format off
#include "check.h"
#include <mswsock.h>
// clang-format on

namespace {

constexpr DWORD kAddressRoom = sizeof(sockaddr_storage) + 16;
constexpr DWORD kMilliseconds = 5000;

template <typename Call>
Call Extension(SOCKET socket, GUID guid) {
  Call call = nullptr;
  DWORD size;
  WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &call, sizeof call, &size, nullptr, nullptr);
  return call;
}

bool IsStarted(BOOL is_done) { return is_done || WSAGetLastError() == WSA_IO_PENDING; }

// Whether the port tells of `operation` next, and that it went well.
bool IsTold(HANDLE port, const OVERLAPPED* operation) {
  DWORD size;
  ULONG_PTR key;
  OVERLAPPED* told = nullptr;
  return GetQueuedCompletionStatus(port, &size, &key, &told, kMilliseconds) && told == operation;
}

bool AreTold(HANDLE port, const OVERLAPPED* one, const OVERLAPPED* other) {
  DWORD size;
  ULONG_PTR key;
  OVERLAPPED* first = nullptr;
  if (!GetQueuedCompletionStatus(port, &size, &key, &first, kMilliseconds)) return false;
  if (first != one && first != other) return false;
  return IsTold(port, first == one ? other : one);
}

// What goes in on one side comes out on the other, through the port.
bool IsDelivered(HANDLE port, SOCKET from, SOCKET to, const char* text) {
  char received[64] = {};
  const ULONG length = static_cast<ULONG>(strlen(text));
  WSABUF out = {length, const_cast<char*>(text)}, in = {sizeof received, received};
  OVERLAPPED writing = {}, reading = {};
  DWORD flags = 0;
  return IsStarted(WSARecv(to, &in, 1, nullptr, &flags, &reading, nullptr) == 0) &&
         IsStarted(WSASend(from, &out, 1, nullptr, 0, &writing, nullptr) == 0) && AreTold(port, &reading, &writing) &&
         strcmp(received, text) == 0;
}

SOCKET Listening(const std::string& path) {
  const SOCKET socket = Open(AF_UNIX);
  Check(BindTo(socket, UnixAddress(path)) == 0 && listen(socket, 5) == 0, "a socket listens at a path");
  return socket;
}

void Refused(SOCKET socket, const std::string& path, int error, const char* what) {
  UnixAddress to(path);
  OVERLAPPED operation = {};
  const auto call = Extension<LPFN_CONNECTEX>(socket, WSAID_CONNECTEX);
  CheckError(!call(socket, to.get(), to.size, nullptr, 0, nullptr, &operation), error, what);
  CheckError(connect(socket, to.get(), to.size) != 0, error, what);
}

void Refusals(const std::string& folder) {
  const std::string file = folder + "\\file";
  CloseHandle(CreateFileA(file.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr));
  const SOCKET socket = Open(AF_UNIX);
  const auto call = Extension<LPFN_CONNECTEX>(socket, WSAID_CONNECTEX);
  UnixAddress to(file);
  OVERLAPPED operation = {};
  CheckError(!call(socket, to.get(), to.size, nullptr, 0, nullptr, &operation), WSAEINVAL, "ConnectEx wants it bound");
  BindTo(socket, UnixAddress());
  Refused(socket, folder + "\\none", WSAECONNREFUSED, "connect to a file that is missing");
  Refused(socket, folder + "\\none\\socket", WSAENETDOWN, "connect in a folder that is missing");
  Refused(socket, file, WSAECONNREFUSED, "connect to a file that is no socket");
  Refused(socket, folder, WSAECONNREFUSED, "connect to a folder");
  sockaddr_in inet = {};
  inet.sin_family = AF_INET;
  CheckError(!call(socket, reinterpret_cast<sockaddr*>(&inet), sizeof inet, nullptr, 0, nullptr, &operation), WSAEFAULT,
             "connect to another family");
  closesocket(socket);
  DeleteFileA(file.c_str());
}

void Names(SOCKET connecting, SOCKET accepted, const std::string& path) {
  Check(IsNamed(getsockname, connecting, ""), "who connects has no name");
  Check(IsNamed(getpeername, connecting, path), "and knows where");
  Check(IsNamed(getsockname, accepted, path), "who is accepted has the name of the listening socket");
  Check(IsNamed(getpeername, accepted, ""), "and knows no peer");
}

// The port's own way: ConnectEx and AcceptEx.
void Overlapped(const std::string& path) {
  const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
  const SOCKET listening = Listening(path), accepted = Open(AF_UNIX), connecting = Open(AF_UNIX), inet = Open(AF_INET);
  BindTo(connecting, UnixAddress());
  for (const SOCKET socket : {listening, accepted, connecting}) {
    CreateIoCompletionPort(reinterpret_cast<HANDLE>(socket), port, 0, 0);
  }
  const auto accept_call = Extension<LPFN_ACCEPTEX>(listening, WSAID_ACCEPTEX);
  const auto connect_call = Extension<LPFN_CONNECTEX>(inet, WSAID_CONNECTEX);
  char memory[2 * kAddressRoom];
  OVERLAPPED accepting = {}, reaching = {};
  DWORD size;
  UnixAddress to(path);
  CheckError(!accept_call(listening, inet, memory, 0, kAddressRoom, kAddressRoom, &size, &accepting), WSAEINVAL,
             "AcceptEx wants both of one family");
  Check(IsStarted(accept_call(listening, accepted, memory, 0, kAddressRoom, kAddressRoom, &size, &accepting)),
        "AcceptEx");
  Check(IsStarted(connect_call(connecting, to.get(), to.size, nullptr, 0, nullptr, &reaching)), "ConnectEx");
  Check(AreTold(port, &accepting, &reaching), "both are told of");
  UnixAddress name;
  name.size = sizeof name.storage;
  CheckError(getsockname(accepted, name.get(), &name.size) != 0, WSAEINVAL,
             "who is accepted does not yet know its name");
  setsockopt(accepted, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, reinterpret_cast<const char*>(&listening),
             sizeof listening);
  setsockopt(connecting, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0);
  Names(connecting, accepted, path);
  Check(IsDelivered(port, connecting, accepted, "hello") && IsDelivered(port, accepted, connecting, "hello yourself"),
        "echo");
  const auto transmit = Extension<LPFN_TRANSMITFILE>(connecting, WSAID_TRANSMITFILE);
  OVERLAPPED sending = {};
  CheckError(!transmit(connecting, nullptr, 0, 0, &sending, nullptr, 0), WSAEOPNOTSUPP, "TransmitFile is refused");
  for (const SOCKET socket : {listening, accepted, connecting, inet}) closesocket(socket);
  CloseHandle(port);
}

// connect(), accept(), and a duplicate.
void Plain(const std::string& path) {
  const SOCKET listening = Listening(path), connecting = Open(AF_UNIX);
  UnixAddress to(path), from;
  Check(connect(connecting, to.get(), to.size) == 0, "connect()");
  from.size = sizeof from.storage;
  const SOCKET accepted = accept(listening, from.get(), &from.size);
  Check(accepted != INVALID_SOCKET && from.Names(""), "accept() tells of a peer without a name");
  Names(connecting, accepted, path);
  WSAPROTOCOL_INFOW info;
  WSADuplicateSocketW(accepted, GetCurrentProcessId(), &info);
  const SOCKET duplicate =
      WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
  closesocket(accepted);
  Check(duplicate != INVALID_SOCKET, "a duplicate");
  Names(connecting, duplicate, path);
  char text[4] = {};
  Check(send(duplicate, "abc", 3, 0) == 3 && recv(connecting, text, 3, 0) == 3 && strcmp(text, "abc") == 0,
        "which writes");
  for (const SOCKET socket : {listening, connecting, duplicate}) closesocket(socket);
}

}  // namespace

void CheckConnecting(const std::string& folder) {
  const std::string path = folder + "\\socket";
  Refusals(folder);
  Overlapped(path);
  Check(Exists(path), "the file stays");
  const SOCKET late = Open(AF_UNIX);
  BindTo(late, UnixAddress());
  UnixAddress to(path);
  CheckError(connect(late, to.get(), to.size) != 0, WSAECONNREFUSED, "connect to a stale file");
  closesocket(late);
  DeleteFileA(path.c_str());
  Plain(path);
  DeleteFileA(path.c_str());
}
