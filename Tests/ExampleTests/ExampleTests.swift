import ExampleSupport
import Foundation
import MartletTorture
import Testing

@Suite("The example programs, run as processes") struct ExampleTests {
  @Test("The network word count counts what a server sends, and ends gracefully with Ctrl-C")
  func networkWordCount() async throws {
    let server = try LoopbackServer { connection in
      _ = connection.send("to be or not to be\n")
      connection.waitForPeerToLeave()
    }
    defer { server.stop() }
    let program = try ExampleProcess(
      "network-wordcount", ["localhost", "\(server.port)", "--batch-interval-ms", "100"])
    try await program.wait(for: #"("be", 2)"#)
    #expect(program.text.contains(#"("to", 2)"#))
    #expect(program.text.contains(#"("not", 1)"#))
    program.send(SIGINT)
    let (status, text) = await program.end()
    #expect(status == 0)
    #expect(text.contains("Processed 1 record in "))
  }

  @Test("The demo starts its own sender, and ends after the specified time")
  func demo() async throws {
    let program = try ExampleProcess(
      "network-wordcount", ["--demo", "--run-for-seconds", "1", "--batch-interval-ms", "200"])
    let (status, text) = await program.end()
    #expect(status == 0)
    #expect(text.contains(#"("the", "#))
    #expect(!text.contains("Processed 0 records"))
  }

  @Test("The counts of each batch are also written to a folder on request")
  func output() async throws {
    let server = try LoopbackServer { connection in
      _ = connection.send("to be or not to be\n")
      connection.waitForPeerToLeave()
    }
    defer { server.stop() }
    let folder = try TestFolder()
    let program = try ExampleProcess(
      "network-wordcount",
      ["localhost", "\(server.port)", "--batch-interval-ms", "100", "--output", "\(folder.path)/counts"])
    try await program.wait(for: #"("be", 2)"#)
    program.send(SIGINT)
    #expect(await program.end().status == 0)
    let parts = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.contains("/part-") }
    #expect(parts.allSatisfy { $0.wholeMatch(of: /counts-\d{13}\/part-\d{5}/) != nil })
    let lines = try parts.flatMap {
      try String(contentsOfFile: "\(folder.path)/\($0)", encoding: .utf8).split(separator: "\n")
    }
    #expect(lines.sorted() == [#"("be", 2)"#, #"("not", 1)"#, #"("or", 1)"#, #"("to", 2)"#])
  }

  @Test("stateful-network-wordcount adds up the words of all batches")
  func statefulCounts() async throws {
    let isFirstCounted = DispatchSemaphore(value: 0)
    let server = try LoopbackServer { connection in
      _ = connection.send("hello to be\n")
      isFirstCounted.wait()
      _ = connection.send("or not to be\n")
      connection.waitForPeerToLeave()
    }
    defer { server.stop() }
    let program = try ExampleProcess(
      "stateful-network-wordcount", ["localhost", "\(server.port)", "--batch-interval-ms", "100"])
    // The server also waits if the words are never counted.
    defer { isFirstCounted.signal() }
    try await program.wait(for: #"("be", 1)"#)
    isFirstCounted.signal()
    try await program.wait(for: #"("be", 2)"#)
    #expect(program.text.contains(#"("hello", 2)"#))
    #expect(program.text.contains(#"("world", 1)"#))
    program.send(SIGINT)
    #expect(await program.end().status == 0)
  }

  @Test("sessions shows a user's clicks once the user has gone")
  func sessions() async throws {
    let server = try LoopbackServer { connection in
      _ = connection.send("ada home\nbob cart\nada cart\n")
      connection.waitForPeerToLeave()
    }
    defer { server.stop() }
    let program = try ExampleProcess(
      "sessions", ["localhost", "\(server.port)", "--batch-interval-ms", "100", "--timeout-seconds", "1"])
    try await program.wait(for: "bob: 1 clicks since ")
    try await program.wait(for: "ada: 2 clicks since ")
    program.send(SIGINT)
    #expect(await program.end().status == 0)
  }

  @Test("A master with no thread for the work is refused with an explanation")
  func tooFewThreads() async throws {
    let program = try ExampleProcess("network-wordcount", ["--demo", "--master", "local[1]"])
    let (status, text) = await program.end()
    #expect(status == 1)
    #expect(text.contains("Use local[2] or more."))
  }

  @Test("A server that does not answer is named")
  func noServer() async throws {
    let server = try LoopbackServer { _ in }
    server.stop()
    let program = try ExampleProcess("network-wordcount", ["127.0.0.1", "\(server.port)"])
    try await program.wait(for: "127.0.0.1:\(server.port)")
    program.send(SIGINT)
    #expect(await program.end().status == 0)
  }

  @Test("An invalid command line prints the usage")
  func usage() async throws {
    let program = try ExampleProcess("network-wordcount", ["--demmo"])
    let (status, text) = await program.end()
    #expect(status == 2)
    #expect(text.contains("Unknown option --demmo.\nUsage: network-wordcount HOST PORT"))
  }

  @Test("The folder word count reads the files that are moved in, and ends gracefully with SIGTERM")
  func folderWordCount() async throws {
    let folder = try TestFolder()
    try folder.moveIn("old.txt", "old old old\n")
    let program = try ExampleProcess("folder-wordcount", [folder.path, "--batch-interval-ms", "100"])
    try await program.wait(for: "Time: ")
    try folder.moveIn("new.txt", "new lines and new words\n")
    try await program.wait(for: #"("new", 2)"#)
    program.send(SIGTERM)
    let (status, text) = await program.end()
    #expect(status == 0)
    #expect(!text.contains("old"))
  }

  @Test("A program ends gracefully when its terminal is closed")
  func hangUp() async throws {
    let folder = try TestFolder()
    let program = try ExampleProcess("folder-wordcount", [folder.path, "--batch-interval-ms", "100"])
    try await program.wait(for: "Time: ")
    program.send(SIGHUP)
    let (status, text) = await program.end()
    #expect(status == 0 && text.contains("Processed "), "\(text)")
  }

  @Test("A signal that is ignored when a program starts stays ignored", arguments: [SIGHUP, SIGINT])
  func ignoredSignals(signal: Int32) async throws {
    let folder = try TestFolder()
    let program = try ExampleProcess(
      "folder-wordcount", [folder.path, "--batch-interval-ms", "100"], ignoring: "HUP INT")
    try await program.wait(for: "Time: ")
    program.send(signal)
    let pages = program.text.components(separatedBy: "Time: ").count
    try await program.wait(for: "more batches") { $0.components(separatedBy: "Time: ").count > pages + 3 }
    program.send(SIGTERM)
    let (status, text) = await program.end()
    #expect(status == 0 && text.contains("Processed "), "\(text)")
  }

  @Test("The queue stream takes one RDD for each batch")
  func queueStream() async throws {
    let program = try ExampleProcess("queue-stream", ["--batch-interval-ms", "50", "--run-for-seconds", "1"])
    let (status, text) = await program.end()
    #expect(status == 0)
    let pages = text.components(separatedBy: "Time: ").dropFirst()
    #expect(pages.filter { $0.contains("(7, 100)") }.count == 5)
  }

  @Test("The custom receiver follows a file")
  func customReceiver() async throws {
    let folder = try TestFolder()
    try folder.moveIn("log", "disk full\n")
    let program = try ExampleProcess("custom-receiver", ["\(folder.path)/log", "--batch-interval-ms", "100"])
    try await program.wait(for: #"("full", 1)"#)
    let file = try #require(FileHandle(forWritingAtPath: "\(folder.path)/log"))
    try file.seekToEnd()
    try file.write(contentsOf: Data("disk empty\n".utf8))
    try await program.wait(for: #"("empty", 1)"#)
    program.send(SIGINT)
    let (status, text) = await program.end()
    #expect(status == 0)
    #expect(text.contains("Processed 2 records in "))
  }

  @Test("The custom receiver follows a log that is rotated")
  func rotatedLog() async throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/app.log"
    try folder.moveIn("app.log", "one\n")
    let program = try ExampleProcess("custom-receiver", [path, "--batch-interval-ms", "100"])
    try await program.wait(for: #"("one", 1)"#)
    let old = try #require(FileHandle(forWritingAtPath: path))
    try old.seekToEnd()
    try FileManager.default.moveItem(atPath: path, toPath: "\(path).1")
    // A process with the old file open continues for a while, and leaves a line unfinished.
    try old.write(contentsOf: Data("two\nunfinished".utf8))
    try folder.moveIn("app.log", "three\n")
    try await program.wait(for: #"("three", 1)"#)
    #expect(program.text.contains(#"("two", 1)"#))
    #expect(program.text.contains(#"("unfinished", 1)"#))
    let new = try #require(FileHandle(forWritingAtPath: path))
    try new.seekToEnd()
    try new.write(contentsOf: Data("four\n".utf8))
    try await program.wait(for: #"("four", 1)"#)
    program.send(SIGINT)
    let (status, text) = await program.end()
    #expect(status == 0)
    #expect(text.contains("Processed 5 records in "))
  }

  @Test("The custom receiver reads a truncated log from the start")
  func truncatedLog() async throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/app.log"
    try folder.moveIn("app.log", "one first-line-that-is-longer-than-what-follows-at-first\nunfinished")
    let program = try ExampleProcess("custom-receiver", [path, "--batch-interval-ms", "100"])
    try await program.wait(for: #"("one", 1)"#)
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: Data("cut\n".utf8))
    try await program.wait(for: #"("cut", 1)"#)
    #expect(program.text.contains(#"("unfinished", 1)"#))
    let long = "begin \(String(repeating: "x", count: 200)) end"
    try file.write(contentsOf: Data("\(long)\n".utf8))
    try await program.wait(for: #"("end", 1)"#)
    #expect(program.text.contains(#"("begin", 1)"#))
    program.send(SIGINT)
    let (status, text) = await program.end()
    #expect(status == 0)
    #expect(text.contains("Processed 4 records in "))
  }

  @Test("Two raw streams are searched together")
  func rawSocketGrep() async throws {
    let server = try LoopbackServer { connection in
      _ = connection.send(block: "the first line\na second\nand the third\n")
      connection.waitForPeerToLeave()
    }
    defer { server.stop() }
    let program = try ExampleProcess(
      "raw-socket-grep", ["127.0.0.1", "\(server.port)", "the", "--streams", "2", "--batch-interval-ms", "100"])
    // The two blocks may come into one batch or into two.
    try await program.wait(for: "count of four lines") { text in
      text.split(separator: "\n").compactMap { Int($0.dropFirst("Grep count: ".count)) }.reduce(0, +) == 4
    }
    program.send(SIGINT)
    let (status, text) = await program.end()
    #expect(status == 0)
    #expect(text.contains("Processed 6 records in "))
  }

  @Test("A file can be served in blocks")
  func serveBlocks() async throws {
    let folder = try TestFolder()
    try folder.moveIn("lines", "one\ntwo\n")
    let sender = try ExampleProcess("raw-socket-grep", ["--serve", "0", "\(folder.path)/lines"])
    defer { sender.send(SIGKILL) }
    try await sender.wait(for: "port") { $0.hasSuffix("\n") }
    let port = try #require(sender.text.dropLast().split(separator: ":").last)
    let program = try ExampleProcess("raw-socket-grep", ["127.0.0.1", "\(port)", "two", "--batch-interval-ms", "100"])
    try await program.wait(for: "count above zero") { $0.contains("Grep count: ") && !$0.hasSuffix("Grep count: 0\n") }
    program.send(SIGINT)
    let (status, _) = await program.end()
    #expect(status == 0)
  }

  @Test("Word counts are joined with the table of sentiments")
  func wordCountSentiments() async throws {
    let server = try LoopbackServer { connection in
      _ = connection.send("What a beautiful, happy, happy day! No gloom.\n")
      connection.waitForPeerToLeave()
    }
    defer { server.stop() }
    let program = try ExampleProcess(
      "wordcount-sentiments", ["localhost", "\(server.port)", "--batch-interval-ms", "100"])
    try await program.wait(for: "-2  gloom (1 times)")
    #expect(program.text.contains("+6  happy (2 times)\n  +3  beautiful (1 times)\n"))
    program.send(SIGINT)
    #expect(await program.end().status == 0)
  }

  @Test("Hashtags are counted over a window, regardless of case, and leave the window again")
  func windowedHashtagCount() async throws {
    let folder = try TestFolder()
    let program = try ExampleProcess(
      "windowed-hashtag-count", ["--folder", folder.path, "--batch-interval-ms", "50"])
    try await program.wait(for: "Hashtags until ")
    try folder.moveIn("one", "#Swift is a bird\n#swift and #spark\nno tags\n")
    try await program.wait(for: "  2  #swift\n  1  #spark\n")
    try await program.wait(for: "an empty window after the counts") { text in
      let windows = text.components(separatedBy: "Hashtags until ")
      let last = windows.lastIndex { $0.contains("#swift") } ?? windows.endIndex
      // The last one may not be complete.
      return windows.dropLast().count > last + 1
    }
    program.send(SIGINT)
    #expect(await program.end().status == 0)
  }
}
