// What the stand-in must have in common with AF_UNIX of Windows 10. Its imports are renamed as the addon's are.
#include <cstdio>

#include "check.h"

namespace {

int passed = 0;
int failed = 0;

std::string MakeFolder() {
  char folder[MAX_PATH];
  const DWORD size = GetTempPathA(sizeof folder, folder);
  // One that has failed may have left its folder, and Wine gives the same numbers to later processes.
  for (int attempt = 0;; attempt++) {
    const std::string path = std::string(folder, size) + "afunix-" + std::to_string(attempt);
    if (CreateDirectoryA(path.c_str(), nullptr) || GetLastError() != ERROR_ALREADY_EXISTS) return path;
  }
}

DWORD Handles() {
  DWORD count = 0;
  GetProcessHandleCount(GetCurrentProcess(), &count);
  return count;
}

void CheckAll(const std::string& folder) {
  CheckBinding(folder);
  CheckConnecting(folder);
  CheckFiles(folder);
}

}  // namespace

void Check(bool holds, const char* what) {
  if (holds) {
    passed++;
    return;
  }
  failed++;
  printf("FAILED: %s (last error %d)\n", what, WSAGetLastError());
}

int main() {
  WSADATA data;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
  const std::string folder = MakeFolder();
  CheckAll(folder);
  // What is opened once is open by now.
  const DWORD before = Handles();
  for (int round = 0; round < 5; round++) CheckAll(folder);
  Check(Handles() == before, "no handle is left open");
  Check(RemoveDirectoryA(folder.c_str()), "no file is left behind");
  printf("afunix self-check: %d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
