#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace loop {

struct Registration {
  int fd;
  int32_t slot;
  int32_t generation;
  int32_t mask;
};

// 0; -EBADF for a descriptor that is not open; -EPERM for a regular file, a directory or a disk, which poll(2) and select(2)
// call always ready, whereas epoll refuses them: a program shall not depend on which of them it runs on. -ENOTSOCK on Windows for
// what is no socket. Each platform gives its own.
int CanBeWatched(int fd);

// The watched set of a mechanism whose kernel keeps none: poll(2), select(2). Dense, because each wait copies it all.
class Registrations {
 public:
  // 0; -EEXIST; what CanBeWatched gives.
  int Add(const Registration& registration);
  // 0 or -ENOENT.
  int Modify(const Registration& registration);
  int Remove(int fd);
  void Clear();

  // Null for an unknown descriptor.
  const Registration* Find(int fd) const;
  // Asks nothing of `fd` any more, if it is still the same registration; it remains registered.
  void Mute(const Registration& registration);

  const std::vector<Registration>& all() const { return all_; }

 private:
  std::vector<Registration> all_;
  std::unordered_map<int, size_t> places_;
};

}  // namespace loop
