import CMartlet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The processors and the memory that this process may use: those of the machine, or the limits of its container.
package struct MachineLimits: Sendable, Equatable {
  /// The number of processors, at least 1.
  package var processors: Int
  /// The memory in bytes.
  package var memory: Int

  package init(processors: Int, memory: Int) {
    self.processors = processors
    self.memory = memory
  }

  /// The limits of this process at the first access.
  package static let current = machine.limited(by: ControlGroups(read: contents))
  private static let machine = MachineLimits(processors: usableProcessors, memory: physicalMemory)

  /// True if a container limits the memory of this process below that of the machine.
  package static let isMemoryLimited = current.memory < machine.memory

  /// These limits, or those of the control groups where they are lower. A fraction of a processor is rounded up.
  package func limited(by groups: ControlGroups) -> MachineLimits {
    MachineLimits(
      processors: groups.processors.map { max(1, min(processors, Int($0.rounded(.up)))) } ?? processors,
      memory: groups.memory.map { min(memory, $0) } ?? memory)
  }

  /// The default memory for one task's shuffles and sorts, in bytes: less than usual if all threads together would use
  /// more than a quarter of the memory.
  package func taskMemory(threads: Int) -> Int { max(1 << 20, min(256 << 20, memory / 4 / max(1, threads))) }

  /// The number of processors on which this process may run.
  private static var usableProcessors: Int {
    let allowed = Int(martlet_usable_processors())
    return allowed > 0 ? allowed : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  private static var physicalMemory: Int {
    max(1 << 28, Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE))))
  }

  /// The content of a small file; `nil` if it cannot be read.
  private static func contents(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&part, 1, part.count, file)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += part[..<count]
    }
  }
}

/// The limits of the control groups of a Linux process: the lowest limits of its groups and of their visible ancestors.
/// Versions 1 and 2 are supported, also at the same time.
package struct ControlGroups: Sendable, Equatable {
  /// The number of processors, which may be fractional; `nil` if there is no limit.
  package private(set) var processors: Double?
  /// The memory in bytes; `nil` if there is no limit.
  package private(set) var memory: Int?

  /// - Parameter read: returns the content of a file; `nil` if it does not exist.
  package init(read: (String) -> String?) {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else { return }
    for mount in mounts.split(separator: "\n").compactMap({ Mount($0) }) {
      for group in groups.split(separator: "\n").compactMap({ Group($0) }) where mount.holds(group) {
        for folder in mount.folders(of: group) { take(folder, isUnified: mount.isUnified, read) }
      }
    }
  }

  private mutating func take(_ folder: String, isUnified: Bool, _ read: (String) -> String?) {
    func words(_ name: String) -> [Substring] {
      (read("\(folder)/\(name)") ?? "").split(whereSeparator: \.isWhitespace)
    }
    // "max" is not a number: no limit.
    let bytes = words(isUnified ? "memory.max" : "memory.limit_in_bytes").first.flatMap { Int($0) }
    if let bytes, bytes > 0 { memory = min(memory ?? .max, bytes) }
    let time =
      isUnified
      ? words("cpu.max").map { Double($0) }
      : [words("cpu.cfs_quota_us"), words("cpu.cfs_period_us")].map { $0.first.flatMap { Double($0) } }
    // Without a limit, the quota of version 1 is -1.
    if time.count == 2, let quota = time[0], let period = time[1], quota > 0, period > 0 {
      processors = min(processors ?? .infinity, quota / period)
    }
  }

  /// A line of `/proc/self/cgroup`, such as `4:cpu,cpuacct:/service` or, in version 2, `0::/service`.
  private struct Group {
    var controllers: [Substring]
    var path: Substring

    init?(_ line: Substring) {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      controllers = parts[1].split(separator: ",")
      path = parts[2]
    }
  }

  /// A line of `/proc/self/mountinfo` for control groups, such as `35 31 0:32 /root /sys/fs/cgroup/memory rw - cgroup
  /// cgroup rw,memory`.
  private struct Mount {
    /// The group that is visible at `point`.
    var root: String
    var point: String
    var isUnified: Bool
    var controllers: [Substring] = []

    init?(_ line: Substring) {
      let words = line.split(separator: " ")
      guard let dash = words.firstIndex(of: "-"), dash > 4, words.count > dash + 1 else { return nil }
      guard words[dash + 1] == "cgroup" || words[dash + 1] == "cgroup2" else { return nil }
      root = unescaped(words[3])
      point = unescaped(words[4])
      isUnified = words[dash + 1] == "cgroup2"
      if words.count > dash + 3 { controllers = words[dash + 3].split(separator: ",") }
    }

    func holds(_ group: Group) -> Bool {
      if isUnified { return group.controllers.isEmpty }
      return group.controllers.contains { ($0 == "memory" || $0 == "cpu") && controllers.contains($0) }
    }

    /// The folders of the group and of its ancestors, as far as they are visible.
    func folders(of group: Group) -> [String] {
      var parts = group.path.split(separator: "/")
      let above = root.split(separator: "/")
      // In a container, the mount may show the container's own group as the root, whatever its name outside.
      if parts.starts(with: above) { parts.removeFirst(above.count) } else { parts = [] }
      // The group is outside of what the process can see.
      if parts.contains("..") { parts = [] }
      return (0...parts.count).map { ([point] + parts[..<$0].map(String.init)).joined(separator: "/") }
    }
  }
}

/// A path of `/proc/self/mountinfo`, in which `\040` stands for a space.
private func unescaped(_ text: Substring) -> String {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    let digits = rest.prefix(3)
    if byte == UInt8(ascii: "\\"), digits.count == 3,
      let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
    {
      bytes.append(code)
      rest.removeFirst(3)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
