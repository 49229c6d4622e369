#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// Returns when the clock that stamps files has advanced.
func awaitNextTick() {
  let before = fileClock()
  while fileClock() == before { sched_yield() }
}

/// Returns when no other file can get the birth time of this one. That may take more than one tick: the system stamps
/// some files by a finer clock, which is ahead.
func awaitTickAfterBirth(of path: String) throws {
  let facts = try #require(try FileFacts.ofFile(at: path))
  while !facts.hasUniqueBirth(seenAfter: fileClock()) { sched_yield() }
}
