#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Readings of the machine's clocks and of this process's counters.
public enum Readings {
  /// Seconds of the monotonic clock.
  public static var seconds: Double { read(CLOCK_MONOTONIC) }

  /// The user and system time of all threads of this process so far, in seconds.
  public static var cpuSeconds: Double { read(CLOCK_PROCESS_CPUTIME_ID) }

  /// Microseconds since 1970, by the clock with which the feeder stamps its lines.
  public static var microsecondsSince1970: Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1000
  }

  /// The peak resident memory of this process, in 10^6 bytes.
  public static var peakMegabytes: Double {
    #if os(Linux)
      // getrusage would include what the parent had resident when it forked.
      let status = (try? lines(ofFile: "/proc/self/status")) ?? []
      let fields = status.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: \.isWhitespace) ?? []
      let peak = fields.lazy.compactMap { Double($0) }.first
      return (peak ?? .nan) * 1024 / 1e6
    #else
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1e6
    #endif
  }

  /// The resident memory of this process, in 10^6 bytes.
  public static var residentMegabytes: Double {
    let fields = (try? lines(ofFile: "/proc/self/statm"))?.first?.split(separator: " ") ?? []
    guard fields.count > 1, let pages = Double(fields[1]) else { return .nan }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
  }

  /// The number of bytes that this process has passed to the system to write; 0 where the system does not report it.
  public static var writtenBytes: Int {
    let counts = (try? lines(ofFile: "/proc/self/io")) ?? []
    let written = counts.first { $0.hasPrefix("wchar:") }?.split(separator: " ") ?? []
    return written.lazy.compactMap { Int($0) }.first ?? 0
  }

  /// The number of files, sockets and pipes that this process has open.
  public static func openDescriptors() throws -> Int {
    (0..<1024).count { fcntl(Int32($0), F_GETFD) >= 0 }
  }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// A stopwatch for the wall time and processor time of some work.
public struct Stopwatch {
  private let start = (seconds: Readings.seconds, cpu: Readings.cpuSeconds)

  public init() {}

  /// Wall time since the stopwatch was made, in seconds.
  public var seconds: Double { Readings.seconds - start.seconds }

  /// Time of all threads since then, in seconds.
  public var cpuSeconds: Double { Readings.cpuSeconds - start.cpu }
}
