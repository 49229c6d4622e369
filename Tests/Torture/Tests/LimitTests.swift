#if os(Linux)
  import MartletTorture
  import Foundation
  import MartletCore
  import MartletRDD
  import TestSupport
  import Testing

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #endif

  /// Programs that may use less than the whole machine.
  @Suite(.timeLimit(.minutes(30))) struct LimitTests {
    private static let taskset = ["/usr/bin/taskset", "/bin/taskset"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> (ChildProcess.Ending, String, String) {
      let scratch = try TestFolder()
      let process = try ChildProcess(program, arguments, scratch: scratch.path)
      process.closeInput()
      let ending = try await process.end(seconds: 300)
      return (ending, process.output, process.errors)
    }

    @Test(.enabled(if: taskset != nil, "there is no taskset"))
    func `a process that is bound to one processor has one thread`() async throws {
      let (ending, output, errors) = try await run(
        try #require(Self.taskset), ["-c", "0", try built("fault-subject"), "limits", "/"])
      #expect(ending == .exited(0), "\(errors)")
      #expect(output.hasPrefix("threads 1 memory "), "\(output)")
    }

    @Test func `a program stops gracefully when the system cannot start more threads`() async throws {
      let (ending, output, errors) = try await run(try built("fault-subject"), ["out-of-threads", "/"])
      #expect(ending == .exited(0), "\(errors)")
      #expect(output.contains("refused: Cannot start the thread 'idle'"), "\(output)")
      #expect(output.contains("sum 42, unfinished nothing"), "\(output)\(errors)")
    }

    /// A control group of version 1 or 2 below that of this process; `nil` if none can be created here.
    private func makeGroup(memory: Int) -> String? {
      let candidates = [
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"),
      ]
      for (parent, limit) in candidates {
        let group = "\(parent)/martlet-test-\(randomName())"
        guard mkdir(group, 0o755) == 0 else { continue }
        if let file = try? SystemFile.change("\(group)/\(limit)"), (try? file.write(Array("\(memory)\n".utf8))) != nil {
          return group
        }
        rmdir(group)
      }
      return nil
    }

    /// Ends the test if there is no group.
    private func inGroup(memory: Int, _ arguments: [String]) async throws -> (ChildProcess.Ending, String, String)? {
      guard let group = makeGroup(memory: memory) else { return nil }
      defer { rmdir(group) }
      return try await run(
        "/bin/sh",
        ["-c", "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"", group, try built("fault-subject")] + arguments)
    }

    private static var canMakeGroups: Bool {
      guard let group = LimitTests().makeGroup(memory: 1 << 30) else { return false }
      rmdir(group)
      return true
    }

    @Test(.enabled(if: canMakeGroups, "no control group can be made here"))
    func `data that exceeds a container's memory is spilled by default`() async throws {
      let memory = 200 << 20
      let told = try #require(await inGroup(memory: memory, ["limits", "/"]))
      #expect(told.1.hasSuffix("memory \(memory)\n"), "\(told)")
      // On a disk: data spilled to a disk in memory uses the memory of the container.
      let (ending, output, errors) = try await withAsyncTemporaryFolder { folder in
        try #require(await inGroup(memory: memory, ["keep-large", folder]))
      }
      #expect(ending == .exited(0), "\(errors)")
      #expect(output == "kept 400\nkept 400\n")
    }
  }
#endif
