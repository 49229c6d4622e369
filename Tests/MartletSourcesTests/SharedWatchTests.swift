#if os(Linux)
  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #endif

  import MartletCore
  import MartletRDD
  import MartletTesting
  import TestSupport
  import Testing

  @testable import MartletSources
  @testable import MartletStreaming

  /// Streams that share the one watch of folders in a process.
  @Suite(.timeLimit(.minutes(30))) struct SharedWatchTests {
    /// A context whose streams never treat a file as unchanged.
    private func makeContext() -> TestStreamingContext {
      TestStreamingContext(
        conf: MartletConf().setMaster("local[2]").set(FileStreamSetting.settleKey, "1000000"))
    }

    /// Moves in a file that is complete only according to the watch: according to its times, it may still be written.
    private func moveIn(_ text: String, _ name: String, _ folder: String) throws {
      let staged = "\(folder)/.\(name)"
      try SystemFile.create(staged).write(Array(text.utf8))
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      var times = [now, timespec(tv_sec: now.tv_sec + 100, tv_nsec: 0)]
      try #require(utimensat(AT_FDCWD, staged, &times, 0) == 0)
      try Folder.rename(staged, to: "\(folder)/\(name)")
    }

    /// The number of watches that this process has taken from the system.
    private func watches() throws -> Int {
      try Folder.names("/proc/self/fd").count { name in
        var target = [CChar](repeating: 0, count: 64)
        let length = readlink("/proc/self/fd/\(name)", &target, target.count)
        let bytes = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self) == "anon_inode:inotify"
      }
    }

    @Test func `hundreds of streams take one watch from the system, and each sees its own folder`() throws {
      try withTemporaryFolder { root in
        let test = makeContext()
        let outputs = try (0..<300).map { number in
          try Folder.create("\(root)/\(number)")
          return test.output(of: test.context.textFileStream("\(root)/\(number)"))
        }
        try test.start()
        defer { test.stop() }
        #expect(try watches() == 1)
        for number in 0..<300 { try moveIn("\(number)\n", "file", "\(root)/\(number)") }
        let time = try test.runBatch()
        for number in 0..<300 { #expect(outputs[number].batch(at: time) == [Text("\(number)")]) }
        #expect(try watches() == 1)
      }
    }

    @Test func `two streams see the same folder, by whatever path, and the end of one does not blind the other`()
      throws
    {
      try withTemporaryFolder { root in
        try Folder.create("\(root)/in")
        try #require(symlink("in", "\(root)/link") == 0)
        let first = makeContext()
        let second = makeContext()
        let firstOutput = first.output(of: first.context.textFileStream("\(root)/in"))
        let secondOutput = second.output(of: second.context.textFileStream("\(root)/link"))
        try first.start()
        try second.start()
        defer { second.stop() }
        try moveIn("1\n", "a", "\(root)/in")
        #expect(firstOutput.batch(at: try first.runBatch()) == ["1"])
        #expect(secondOutput.batch(at: try second.runBatch()) == ["1"])
        // The other stream has not seen this file.
        try moveIn("2\n", "b", "\(root)/in")
        #expect(secondOutput.batch(at: try second.runBatch()) == ["2"])
        #expect(firstOutput.batch(at: try first.runBatch()) == ["2"])
        first.stop()
        try moveIn("3\n", "c", "\(root)/in")
        #expect(secondOutput.batch(at: try second.runBatch()) == ["3"])
      }
    }

    @Test func `a folder that is removed and made again, or replaced by another, is watched again`() throws {
      try withTemporaryFolder { root in
        let test = makeContext()
        let output = test.output(of: test.context.textFileStream("\(root)/in"))
        try Folder.create("\(root)/in")
        try test.start()
        defer { test.stop() }
        for number in 0..<3 {
          try moveIn("\(number)\n", "file-\(number)", "\(root)/in")
          #expect(output.batch(at: try test.runBatch()) == [Text("\(number)")])
          if number == 1 {
            try Folder.rename("\(root)/in", to: "\(root)/away")
          } else {
            // Its number is free, and may be assigned to the next one.
            try Folder.remove("\(root)/in")
          }
          try Folder.create("\(root)/in")
          #expect(output.batch(at: try test.runBatch()) == [])
        }
      }
    }

    @Test func `the watch ends with the last stream, and begins again with the next one`() throws {
      try withTemporaryFolder { root in
        let folder = try #require(FolderStamp(root))
        let watch = ArrivalWatch()
        for _ in 0..<2 {
          let streams = [watch.join(), watch.join()]
          #expect(!watch.isOpen)
          for stream in streams { watch.watch([folder], for: stream) }
          #expect(watch.isOpen)
          watch.leave(streams[0])
          #expect(watch.isOpen)
          try moveIn("x", "file", root)
          #expect(watch.take(streams[1]) == Arrivals(names: [.movedIn(FilePath("\(root)/file"))]))
          watch.leave(streams[1])
          #expect(!watch.isOpen)
        }
      }
    }
  }
#endif
