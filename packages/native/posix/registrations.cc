#include "posix/registrations.h"

#include <sys/stat.h>

#include <cerrno>

namespace loop {

int Registrations::Add(const Registration& registration) {
  if (places_.count(registration.fd) > 0) return -EEXIST;
  struct stat status;
  if (fstat(registration.fd, &status) < 0) return -errno;
  if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode)) return -EPERM;
  places_[registration.fd] = all_.size();
  all_.push_back(registration);
  return 0;
}

int Registrations::Modify(const Registration& registration) {
  const auto place = places_.find(registration.fd);
  if (place == places_.end()) return -ENOENT;
  all_[place->second] = registration;
  return 0;
}

int Registrations::Remove(int fd) {
  const auto place = places_.find(fd);
  if (place == places_.end()) return -ENOENT;
  const size_t index = place->second;
  places_.erase(place);
  // The last one takes its place.
  if (index + 1 < all_.size()) {
    all_[index] = all_.back();
    places_[all_[index].fd] = index;
  }
  all_.pop_back();
  return 0;
}

void Registrations::Clear() {
  all_.clear();
  places_.clear();
}

const Registration* Registrations::Find(int fd) const {
  const auto place = places_.find(fd);
  return place == places_.end() ? nullptr : &all_[place->second];
}

void Registrations::Mute(const Registration& registration) {
  const auto place = places_.find(registration.fd);
  if (place == places_.end()) return;
  Registration& known = all_[place->second];
  if (known.slot == registration.slot && known.generation == registration.generation) known.mask = 0;
}

}  // namespace loop
