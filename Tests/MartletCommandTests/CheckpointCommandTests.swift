// The command needs a trait: `swift test --traits CommandLineTool`, as in `make test`.
#if CommandLineTool
  import Foundation
  import MartletCore
  import TestSupport
  import Testing

  @Suite(.timeLimit(.minutes(30)), .serialized) struct CheckpointCommandTests {
    /// Calls `body` with a checkpoint of a real process, of the words of a file.
    private func withCheckpoint(_ body: (String) throws -> Void) throws {
      try withTemporaryFolder { folder in
        try Folder.create("\(folder)/in")
        try Folder.create("\(folder)/out")
        let (process, _) = try begin("checkpoint-subject", [folder])
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        try wait { try !Folder.names("\(folder)/out").isEmpty }
        try SystemFile.create("\(folder)/words").write(Array("to be and not to be\n".utf8))
        try Folder.rename("\(folder)/words", to: "\(folder)/in/words")
        try wait { try run("martlet", inspect(folder) + ["--operator", id(folder)]).output.contains("\"to\"\t2") }
        try SystemFile.create("\(folder)/stop").write([])
        process.waitUntilExit()
        try body(folder)
      }
    }

    private func wait(_ condition: () throws -> Bool) throws {
      let deadline = MonotonicTime.now + .seconds(300)
      while !(try condition()) {
        try #require(MonotonicTime.now < deadline)
        usleep(10_000)
      }
    }

    private func id(_ folder: String) -> String { "updateStateByKey(textFileStream(\"\(folder)/in\"))" }
    private func inspect(_ folder: String) -> [String] { ["checkpoint", "inspect", "\(folder)/checkpoint"] }

    @Test func `inspect shows the checkpoint of a process, and complete JSON`() throws {
      try withCheckpoint { folder in
        let text = try run("martlet", inspect(folder))
        #expect(text.status == 0)
        for part in [id(folder), "4 keys", "stopped in good order", "\(folder)/in/words"] {
          #expect(text.output.contains(part), "\(text.output)")
        }
        let json = try run("martlet", inspect(folder) + ["--json"])
        let report = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(report["stoppedInGoodOrder"] as? Bool == true)
        #expect((report["operators"] as? [[String: Any]])?.first?["keys"] as? Int == 4)
        let states = try run(
          "martlet", inspect(folder) + ["--operator", id(folder), "--key", "be", "--limit", "5", "--json"])
        let found = try #require(try JSONSerialization.jsonObject(with: Data(states.output.utf8)) as? [String: Any])
        let entries = try #require(found["entries"] as? [[String: Any]])
        #expect(entries.count == 1)
        #expect(entries.first?["key"] as? String == "be")
        #expect(entries.first?["state"] as? Int == 2)
        #expect(try run("martlet", ["checkpoint", "inspect", folder]).status == 2)
        #expect(try run("martlet", inspect(folder) + ["--key", "be"]).status == 64)
      }
    }

    @Test func `check finds out if a program continues with the checkpoint, and changes nothing`() throws {
      try withCheckpoint { folder in
        let before = try names(folder)
        let expected: [(variant: String, status: Int32, word: String)] = [
          ("same", 0, "accepted"), ("filtered", 0, "accepted"), ("stateless", 0, "accepted"),
          ("slower", 1, "The batch interval was 100 ms and is 200 ms"),
          ("average", 1, "the type of its state was Swift.Int and is Swift.Double"),
          ("queue", 1, "queueStream at"), ("unchecked", 1, "without a checkpoint"),
          ("idle", 2, "ended by itself, with status 0, before it started"),
          ("crash", 2, "ended by signal 6, before it started"),
        ]
        for (variant, status, word) in expected {
          let check = try run(
            "martlet",
            ["checkpoint", "check", "\(folder)/checkpoint", "--", programPath("checkpoint-subject"), folder, variant])
          #expect(check.status == status, "\(variant): \(check.output)")
          #expect(check.output.contains(word), "\(variant): \(check.output)")
        }
        let endless = try run(
          "martlet",
          [
            "checkpoint", "check", "\(folder)/checkpoint", "--timeout", "1", "--", programPath("checkpoint-subject"),
            folder,
            "endless",
          ])
        #expect(endless.status == 2)
        #expect(endless.output.contains("after 1 s and was killed"), "\(endless.output)")
        let nobody = try run("martlet", ["checkpoint", "check", "\(folder)/checkpoint", "--", "\(folder)/none"])
        #expect(nobody.status == 2)
        #expect(try names(folder) == before)
      }
    }

    #if os(Linux)
      @Test func `a checked program has standard descriptors although the command was started without them`()
        throws
      {
        try withCheckpoint { folder in
          let script = "for n in 0 1 2; do readlink /proc/$$/fd/$n || echo closed; done > \(folder)/descriptors"
          let process = Process()
          process.executableURL = URL(fileURLWithPath: "/bin/sh")
          process.arguments = [
            "-c", "exec \"$@\" <&- >&- 2>&-", "sh", programPath("martlet"), "checkpoint", "check",
            "\(folder)/checkpoint", "--", "/bin/sh", "-c", script,
          ]
          try process.run()
          process.waitUntilExit()
          #expect(process.terminationStatus == 2)
          let lines = try contents("\(folder)/descriptors").split(separator: "\n")
          // The second is the file itself.
          #expect(lines == ["/dev/null", "\(folder)/descriptors", "/dev/null"], "\(lines)")
        }
      }
    #endif

    /// The paths of everything in the folder, with their sizes.
    private func names(_ folder: String) throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().map { path in
        "\(path) \(try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")[.size] ?? 0)"
      }
    }
  }
#endif
