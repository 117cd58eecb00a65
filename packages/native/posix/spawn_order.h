#pragma once

#include <node_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "posix/child.h"

namespace loop {

// The strings of a JavaScript array in the form that exec takes.
class Strings {
 public:
  // False after it has thrown.
  bool Read(napi_env env, napi_value array, const char* name);
  // A copy of what stands there.
  void Copy(const char* const* strings);
  bool HasNul() const;
  char* const* pointers() const { return pointers_.data(); }

 private:
  void Point();

  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
};

// A `SpawnRequest` of contract.ts and everything that it needs, so that the caller may go away before the child is born.
class SpawnOrder {
 public:
  SpawnOrder() = default;
  SpawnOrder(const SpawnOrder&) = delete;
  SpawnOrder& operator=(const SpawnOrder&) = delete;
  ~SpawnOrder();

  // False after it has thrown.
  bool Read(napi_env env, napi_value request);

  // Duplicates what the child gets, since the caller may close it at once. 0 or -errno.
  int Hold();

  // As `StartChild`; once, after `Hold`.
  int Start(Call* failed) { return StartChild(plan_, &report_, failed); }

 private:
  bool Duplicate(int fd, int* duplicate);

  Strings files_, arguments_, environment_;
  std::string directory_;
  std::vector<int> standard_, passed_, groups_;
  std::vector<gid_t> group_ids_;
  std::vector<Kept> kept_;
  std::vector<int> held_;
  Report report_;
  ChildPlan plan_ = {};
};

}  // namespace loop
