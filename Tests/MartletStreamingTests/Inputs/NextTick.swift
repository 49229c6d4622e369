#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Returns when the clock that stamps files has gone on.
func awaitNextTick() {
  #if os(Linux)
    func now() -> Int {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME_COARSE, &time)
      return time.tv_nsec
    }
    let before = now()
    while now() == before { sched_yield() }
  #endif
}
