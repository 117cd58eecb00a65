// What macOS' posix_spawn(2) has besides glibc's. Included before everything else where the kqueue backend's sources are
// built on Linux.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>

#include <vector>

#define POSIX_SPAWN_CLOEXEC_DEFAULT 0x4000

// In glibc, too, a descriptor that is duplicated onto itself is not closed by exec.
static inline int posix_spawn_file_actions_addinherit_np(posix_spawn_file_actions_t *actions, int fd) {
  return posix_spawn_file_actions_adddup2(actions, fd, fd);
}

// glibc takes only the flags that it knows: the other one is kept where it does not look.
static inline int darwin_setflags(posix_spawnattr_t *attributes, short flags) {
  attributes->__pad[0] = flags & POSIX_SPAWN_CLOEXEC_DEFAULT;
  return posix_spawnattr_setflags(attributes, static_cast<short>(flags & ~POSIX_SPAWN_CLOEXEC_DEFAULT));
}

// All that would be inherited is close-on-exec while the child is made; XNU does that in the child alone.
static inline int darwin_spawn(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                               const posix_spawnattr_t *attributes, char *const *arguments, char *const *environment) {
  std::vector<int> marked;
  if (attributes->__pad[0] != 0) {
    DIR *const directory = opendir("/dev/fd");
    while (const dirent *entry = directory == nullptr ? nullptr : readdir(directory)) {
      const int fd = atoi(entry->d_name);
      if (fd > 2 && fcntl(fd, F_GETFD) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) marked.push_back(fd);
    }
    if (directory != nullptr) closedir(directory);
  }
  const int error = posix_spawn(pid, file, actions, attributes, arguments, environment);
  for (const int fd : marked) fcntl(fd, F_SETFD, 0);
  return error;
}

#define posix_spawn darwin_spawn
#define posix_spawnattr_setflags darwin_setflags
