#pragma once

namespace loop {

// Indices into what a driver shares with its loop; contract.ts has the same list with the words.
constexpr int kStateEvents = 0;
constexpr int kStateMore = 1;
constexpr int kStateReady = 2;
constexpr int kStateStop = 3;
constexpr int kStateActive = 4;
constexpr int kStateLength = 8;

constexpr int kMoreNone = 0;
constexpr int kMoreHandles = 1;
constexpr int kMoreEndOfRun = 2;

constexpr int kTimeDeadline = 0;
constexpr int kTimesLength = 1;

// A pass is followed by another at once until one of these is reached; then the host has its turn. Host timers beside
// a saturated loop are then late by no more than this and the callback that runs.
constexpr int kTurnPasses = 64;
constexpr long long kTurnNanoseconds = 500'000;

// While handles go on making handles ready, the system is asked for events in every so many passes only: the question
// costs as much as a task switch, and readiness can wait for a few microseconds.
constexpr int kPassesPerPoll = 8;

// No wait is longer, so that no deadline is beyond what a system's timeouts can hold.
constexpr double kLongestWaitMilliseconds = 24.0 * 3600 * 1000;

}  // namespace loop
