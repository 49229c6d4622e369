import ExampleSupport
import Foundation
import MartletTorture
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Programs that are started with standard streams other than those of a terminal.
@Suite("Standard input, output and error of programs", .timeLimit(.minutes(30))) struct StandardStreamTests {
  enum Kind: CaseIterable, Sendable {
    case pipe
    case socket

    /// Two connected descriptors; writing to the second does not block.
    func ends() throws -> (read: Int32, write: Int32) {
      var ends: [Int32] = [-1, -1]
      switch self {
      case .pipe:
        #if canImport(Glibc)
          try #require(Glibc.pipe(&ends) == 0)
        #elseif canImport(Musl)
          try #require(Musl.pipe(&ends) == 0)
        #else
          try #require(Darwin.pipe(&ends) == 0)
        #endif
      case .socket:
        #if canImport(Glibc)
          let stream = Int32(SOCK_STREAM.rawValue)
        #else
          let stream = SOCK_STREAM
        #endif
        try #require(socketpair(AF_UNIX, stream, 0, &ends) == 0)
      }
      for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
      try #require(fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK) == 0)
      return (ends[0], ends[1])
    }
  }

  @Test("A page larger than the buffer of standard output waits for its reader", arguments: Kind.allCases)
  func largePage(_ kind: Kind) async throws {
    // A page of a megabyte; a pipe takes 64 KiB, and a socket about as much.
    let words = (0..<10).map { "\($0)" + String(repeating: "x", count: 100_000) }
    let server = try LoopbackServer { connection in
      _ = connection.send(words.joined(separator: " ") + "\n")
      connection.waitForPeerToLeave()
    }
    defer { server.stop() }
    let ends = try kind.ends()
    // The flag belongs to the pipe's end, which both processes share.
    let kept = FileHandle(fileDescriptor: dup(ends.write), closeOnDealloc: true)
    let program = try ExampleProcess(
      "network-wordcount", ["localhost", "\(server.port)", "--batch-interval-ms", "100"],
      output: (FileHandle(fileDescriptor: ends.write), FileHandle(fileDescriptor: ends.read, closeOnDealloc: true)))
    let lines = Set(words.map { "(\"\($0)\", 1)" })
    try await program.wait(for: "page", every: .milliseconds(50)) { text in
      Set(text.split(separator: "\n").map(String.init)).isSuperset(of: lines)
    }
    #expect(fcntl(kept.fileDescriptor, F_GETFL) & O_NONBLOCK != 0, "the descriptor is unchanged for others")
    program.send(SIGINT)
    try kept.close()
    let (status, text) = await program.end()
    #expect(status == 0, "\(text.suffix(1000))")
    // The ten lines stand together, as they were printed.
    let all = text.split(separator: "\n").map(String.init)
    let first = try #require(all.firstIndex { lines.contains($0) })
    #expect(Set(all[first..<min(all.count, first + 10)]) == lines)
  }

  #if os(Linux)
    @Test("A pipe that does not block is opened again, so that nothing of the log is dropped")
    func reopenedPipe() async throws {
      let server = try LoopbackServer { $0.waitForPeerToLeave() }
      defer { server.stop() }
      let ends = try Kind.pipe.ends()
      let program = try ExampleProcess(
        "network-wordcount", ["localhost", "\(server.port)", "--batch-interval-ms", "100"],
        output: (FileHandle(fileDescriptor: ends.write), FileHandle(fileDescriptor: ends.read, closeOnDealloc: true)))
      try await program.wait(for: "Time: ")
      for descriptor in 1...2 {
        let info = try String(contentsOfFile: "/proc/\(program.number)/fdinfo/\(descriptor)", encoding: .utf8)
        let flags = try #require(info.firstMatch(of: /flags:\s+([0-7]+)/).flatMap { Int32($0.1, radix: 8) })
        #expect(flags & O_NONBLOCK == 0, "descriptor \(descriptor)")
        #expect(flags & O_ACCMODE == O_WRONLY)
      }
      program.send(SIGINT)
      #expect(await program.end().status == 0)
    }

    @Test("Closed standard descriptors are opened on /dev/null, and no file of the program gets their numbers")
    func closedDescriptors() async throws {
      let folder = try TestFolder()
      let input = try TestFolder()
      try input.moveIn("1", "a b a\n")
      let program = try ExampleProcess(
        "recoverable-wordcount",
        [
          "--input", input.path, "--checkpoint", "\(folder.path)/checkpoint", "--output", "\(folder.path)/out/totals",
          "--batch-interval-ms", "50",
        ], redirections: "<&- >&- 2>&-")
      try await program.wait(for: "output") { _ in FileManager.default.fileExists(atPath: "\(folder.path)/out") }
      for descriptor in 0...2 {
        let target = try FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\(program.number)/fd/\(descriptor)")
        #expect(target == "/dev/null", "descriptor \(descriptor)")
      }
      program.send(SIGTERM)
      #expect(await program.end().status == 0)
    }
  #endif
}
