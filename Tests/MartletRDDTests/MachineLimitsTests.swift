import MartletRDD
import Testing

/// The limits of a container count like those of the machine.
@Suite struct MachineLimitsTests {
  private static let machine = MachineLimits(processors: 16, memory: 64 << 30)
  private static let v1 = """
    24 18 0:20 / /sys/fs/cgroup ro,nosuid shared:7 - tmpfs tmpfs ro,mode=755
    31 24 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:11 - cgroup cgroup rw,cpu,cpuacct
    32 24 0:28 / /sys/fs/cgroup/memory rw,nosuid shared:12 - cgroup cgroup rw,memory
    33 24 0:29 / /sys/fs/cgroup/systemd rw,nosuid shared:13 - cgroup cgroup rw,xattr,name=systemd
    """
  private static let v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

  /// A machine, described by its files.
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var groups: String?
    var mounts: String?
    var files: [String: String] = [:]
    var processors: Int?
    var memory: Int?
  }

  static let cases: [Case] = [
    Case(testDescription: "no files of control groups"),
    Case(testDescription: "no mounts", groups: "0::/a\n", mounts: ""),
    Case(
      testDescription: "version 2, without limits", groups: "0::/a\n", mounts: v2,
      files: ["/sys/fs/cgroup/a/memory.max": "max\n", "/sys/fs/cgroup/a/cpu.max": "max 100000\n"]),
    Case(
      testDescription: "version 2, in a container that sees only its own group", groups: "0::/\n", mounts: v2,
      files: ["/sys/fs/cgroup/memory.max": "419430400\n", "/sys/fs/cgroup/cpu.max": "150000 100000\n"], processors: 2,
      memory: 400 << 20),
    Case(
      testDescription: "version 2, the lowest limit on the way up", groups: "0::/system.slice/a.service/worker\n",
      mounts: v2,
      files: [
        "/sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
        "/sys/fs/cgroup/system.slice/a.service/memory.max": "536870912\n",
        "/sys/fs/cgroup/system.slice/a.service/worker/memory.max": "max\n",
        "/sys/fs/cgroup/system.slice/cpu.max": "300000 100000\n",
        "/sys/fs/cgroup/system.slice/a.service/cpu.max": "max 100000\n",
        "/sys/fs/cgroup/system.slice/a.service/worker/cpu.max": "800000 100000\n",
        "/sys/fs/cgroup/other/memory.max": "1\n",
      ], processors: 3, memory: 512 << 20),
    Case(
      testDescription: "version 2, less than a processor", groups: "0::/a\n", mounts: v2,
      files: ["/sys/fs/cgroup/a/cpu.max": "10000 100000\n"], processors: 1),
    Case(
      testDescription: "version 2, more than the machine has", groups: "0::/a\n", mounts: v2,
      files: ["/sys/fs/cgroup/a/cpu.max": "6400000 100000\n", "/sys/fs/cgroup/a/memory.max": "99999999999999\n"]),
    Case(
      testDescription: "version 2, a group that is mounted under another name", groups: "0::/docker/abc/job\n",
      mounts: "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
      files: ["/sys/fs/cgroup/job/memory.max": "1048576\n", "/sys/fs/cgroup/memory.max": "2097152\n"],
      memory: 1 << 20),
    Case(
      testDescription: "version 2, a group outside what can be seen", groups: "0::/../../other\n", mounts: v2,
      files: ["/sys/fs/cgroup/memory.max": "1048576\n"], memory: 1 << 20),
    Case(
      testDescription: "version 2, a path with a space", groups: "0::/my group\n",
      mounts: #"30 23 0:26 / /sys/fs/c\040group rw - cgroup2 cgroup2 rw"#,
      files: ["/sys/fs/c group/my group/memory.max": "1048576\n"], memory: 1 << 20),
    Case(
      testDescription: "version 1, without limits", groups: "4:memory:/a\n3:cpu,cpuacct:/a\n", mounts: v1,
      files: [
        "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
        "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
      ]),
    Case(
      testDescription: "version 1, the lowest limit on the way up",
      groups: "12:pids:/x\n4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n", mounts: v1,
      files: [
        "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes": "419430400\n",
        "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "250000\n",
        "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
        "/sys/fs/cgroup/systemd/docker/abc/memory.limit_in_bytes": "1\n",
      ], processors: 3, memory: 400 << 20),
    Case(
      testDescription: "version 1, a container's own group at the highest place",
      groups: "4:memory:/docker/abc\n",
      mounts: "32 24 0:28 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
      files: ["/sys/fs/cgroup/memory/memory.limit_in_bytes": "1048576\n"], memory: 1 << 20),
    Case(
      testDescription: "version 1, a group whose folder cannot be seen", groups: "4:memory:/outside/abc\n", mounts: v1,
      files: ["/sys/fs/cgroup/memory/memory.limit_in_bytes": "1048576\n"], memory: 1 << 20),
    Case(
      testDescription: "both versions at once", groups: "4:memory:/a\n0::/b\n", mounts: v1 + "\n" + v2.replacing24,
      files: [
        "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "2097152\n",
        "/sys/fs/cgroup/unified/b/memory.max": "1048576\n",
      ], memory: 1 << 20),
    Case(
      testDescription: "files that hold nonsense", groups: "nonsense\n\n0:\n0::/a\n", mounts: "x\n - \n" + v2,
      files: [
        "/sys/fs/cgroup/a/memory.max": "", "/sys/fs/cgroup/a/cpu.max": "100000\n", "/sys/fs/cgroup/memory.max": "-5\n",
        "/sys/fs/cgroup/cpu.max": "0 0\n",
      ]),
  ]

  @Test(arguments: cases) func `the lowest limit counts`(_ state: Case) {
    let groups = ControlGroups { path in
      switch path {
      case "/proc/self/cgroup": state.groups
      case "/proc/self/mountinfo": state.mounts
      default: state.files[path]
      }
    }
    #expect(
      Self.machine.limited(by: groups)
        == MachineLimits(
          processors: state.processors ?? Self.machine.processors, memory: state.memory ?? Self.machine.memory))
  }

  @Test func `tasks together take at most a quarter of the memory by default`() {
    #expect(MachineLimits(processors: 8, memory: 64 << 30).taskMemory(threads: 8) == 256 << 20)
    #expect(MachineLimits(processors: 2, memory: 400 << 20).taskMemory(threads: 2) == 50 << 20)
    #expect(MachineLimits(processors: 2, memory: 1 << 20).taskMemory(threads: 4096) == 1 << 20)
  }

  @Test func `this process has at least one processor, and some memory`() throws {
    let current = MachineLimits.current
    #expect(current.processors >= 1 && current.memory >= 1 << 20)
    #expect(try Master("local[*]").threads == current.processors)
  }
}

extension String {
  /// The mount of version 2 beside those of version 1.
  fileprivate var replacing24: String { replacing("/sys/fs/cgroup ", with: "/sys/fs/cgroup/unified ") }
}
