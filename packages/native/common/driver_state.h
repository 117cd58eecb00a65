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
constexpr long long kTurnNanoseconds = 2'000'000;

}  // namespace loop
