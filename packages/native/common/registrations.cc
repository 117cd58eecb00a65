#include "common/registrations.h"

#include <cerrno>

#include "common/errors.h"

namespace loop {

int Registrations::Add(const Registration& registration) {
  if (places_.count(registration.fd) > 0) return ErrorResult(EEXIST);
  if (const int error = CanBeWatched(registration.fd); error != 0) return error;
  places_[registration.fd] = all_.size();
  all_.push_back(registration);
  return 0;
}

int Registrations::Modify(const Registration& registration) {
  const auto place = places_.find(registration.fd);
  if (place == places_.end()) return ErrorResult(ENOENT);
  all_[place->second] = registration;
  return 0;
}

int Registrations::Remove(int fd) {
  const auto place = places_.find(fd);
  if (place == places_.end()) return ErrorResult(ENOENT);
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
