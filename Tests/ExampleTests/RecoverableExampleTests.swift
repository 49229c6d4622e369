import ExampleSupport
import Foundation
import MartletTorture
import Synchronization
import Testing

/// Programs that are killed at random moments, and started again.
@Suite("The recoverable examples, killed and started again", .serialized) struct RecoverableExampleTests {
  /// The durations after which the runs of a test are killed, in milliseconds: about as long as a program needs to
  /// start, to continue from the checkpoint, and to run some batches.
  private static func lives(seed: UInt64, _ count: Int) -> [Int] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return 30 + Int(state >> 33) % 500
    }
  }

  @Test("The recoverable word count counts each file once, and each batch's folder is whole")
  func wordCount() async throws {
    let folder = try TestFolder()
    let input = try TestFolder()
    let arguments = [
      "--input", input.path, "--checkpoint", "\(folder.path)/checkpoint", "--output", "\(folder.path)/out/totals",
      "--batch-interval-ms", "50",
    ]
    // File N has the word `all` once and the word `file-N` N times.
    var files = 0
    func give() throws {
      files += 1
      try input.moveIn("file-\(files)", "all\n" + String(repeating: "file-\(files) ", count: files) + "\n")
    }
    for life in Self.lives(seed: 7, 8) {
      let program = try ExampleProcess("recoverable-wordcount", arguments)
      for _ in 0..<3 {
        try await Task.sleep(for: .milliseconds(life / 3))
        try give()
      }
      program.send(SIGKILL)
      _ = await program.end()
      try give()
    }
    let program = try ExampleProcess("recoverable-wordcount", arguments)
    try await program.wait(for: "total of all files", every: .milliseconds(20)) { _ in
      try totals(folder.path).last?.counts["all"] == files
    }
    program.send(SIGTERM)
    let (status, text) = await program.end()
    #expect(status == 0 && text.contains("Processed "), "\(text)")
    var before: Set<Int> = []
    for (time, counts) in try totals(folder.path) {
      let counted = Set((1...files).filter { counts["file-\($0)"] != nil })
      #expect(counted.isSuperset(of: before), "batch \(time) has fewer words than the one before")
      #expect(counted.allSatisfy { counts["file-\($0)"] == $0 }, "batch \(time): \(counts)")
      #expect(counts["all", default: 0] == counted.count, "batch \(time): \(counts)")
      before = counted
    }
    #expect(before.count == files)
  }

  /// The totals in the folders of all batches, by time.
  private func totals(_ folder: String) throws -> [(time: Int, counts: [String: Int])] {
    guard FileManager.default.fileExists(atPath: "\(folder)/out") else { return [] }
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out")
    return try names.filter { !$0.hasPrefix(".") }.map { name in
      let path = "\(folder)/out/\(name)"
      let parts = try FileManager.default.contentsOfDirectory(atPath: path)
      #expect(parts.contains("_SUCCESS"), "\(name) is not whole")
      var counts: [String: Int] = [:]
      for part in parts.sorted() where part.hasPrefix("part-") {
        for line in try String(contentsOfFile: "\(path)/\(part)", encoding: .utf8).split(separator: "\n") {
          let match = try #require(line.wholeMatch(of: /\("([^"]+)", (\d+)\)/), "\(name): \(line)")
          #expect(counts.updateValue(try #require(Int(match.2)), forKey: String(match.1)) == nil, "\(name): \(line)")
        }
      }
      return (try #require(name.split(separator: "-").last.flatMap { Int($0) }), counts)
    }.sorted { $0.time < $1.time }
  }

  @Test("The recoverable word count names a missing option")
  func missingOption() async throws {
    let (status, text) = await (try ExampleProcess("recoverable-wordcount", ["--input", "x"])).end()
    #expect(status == 2 && text.contains("--checkpoint is missing"))
  }

  @Test("The recoverable network word count writes one line for each batch, and loses no word that has been logged")
  func networkWordCount() async throws {
    let folder = try TestFolder()
    let file = "\(folder.path)/counts"
    let sent = Mutex(0)
    // Each connection gets other words.
    let server = try LoopbackServer { connection in
      while true {
        let number = sent.withLock { sent in
          sent += 1
          return sent
        }
        guard connection.send("word-\(number) a\n") else { return }
        pause(milliseconds: 2)
      }
    }
    defer { server.stop() }
    let arguments = [
      "localhost", "\(server.port)", "\(folder.path)/checkpoint", file, "--batch-interval-ms", "50",
    ]
    var written: Set<String> = []
    // On a slow machine there are further runs, until one of them has written something.
    let lives = Self.lives(seed: 11, 6) + [1000, 4000, 16_000, 60_000]
    for (index, life) in lives.enumerated() where index < 6 || written.isEmpty {
      let program = try ExampleProcess("recoverable-network-wordcount", arguments)
      try await Task.sleep(for: .milliseconds(life))
      program.send(SIGKILL)
      _ = await program.end()
      let now = Set(try words(file))
      #expect(now.isSuperset(of: written), "the lines of the file are still there after a restart")
      written = now
    }
    #expect(!written.isEmpty, "every process was killed before it had written anything")
    let program = try ExampleProcess("recoverable-network-wordcount", arguments)
    let before = written.count
    try await program.wait(for: "new words") { _ in try words(file).count > before + 20 }
    #expect(program.text.contains("word(s) totally") && !program.text.contains("(a, "))
    program.send(SIGTERM)
    let (status, text) = await program.end()
    #expect(status == 0 && text.contains("Processed "), "\(text)")
    let all = try words(file)
    #expect(Set(all).count == all.count, "a word is counted twice")
    let times = try lines(file).compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "a batch has two lines")
  }

  private func lines(_ file: String) throws -> [Substring] {
    guard FileManager.default.fileExists(atPath: file) else { return [] }
    return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
  }

  /// The words in the file, each as often as it was counted.
  private func words(_ file: String) throws -> [String] {
    try lines(file).flatMap { line in
      line.matches(of: /\((word-\d+), (\d+)\)/).flatMap { match in
        Array(repeating: String(match.1), count: Int(match.2) ?? 0)
      }
    }
  }
}
