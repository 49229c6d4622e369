import MartletCore
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite(.timeLimit(.minutes(30))) struct StandardDescriptorsTests {
  /// Connected descriptors; writing to the second does not block.
  private func ends() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    try #require(socketpair(AF_UNIX, stream, 0, &ends) == 0)
    try #require(fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK) == 0)
    return (ends[0], ends[1])
  }

  @Test func `a text larger than a descriptor's buffer is written completely`() throws {
    let (source, target) = try ends()
    let text = (0..<300_000).map { "\($0)\n" }.joined()
    let isWritten = Mutex(false)
    let writer = WorkerThread(name: "test-writer") {
      let isWhole = StandardDescriptors.write(text, to: target)
      isWritten.withLock { $0 = isWhole }
      close(target)
    }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
      let got = read(source, &part, part.count)
      if got <= 0 { break }
      bytes += part[..<got]
    }
    writer.join()
    close(source)
    #expect(isWritten.withLock { $0 })
    #expect(bytes == Array(text.utf8))
  }

  @Test func `a descriptor that cannot be written to is an error without a wait`() throws {
    let (source, target) = try ends()
    defer { close(target) }
    close(source)
    #if canImport(Darwin)
      var yes: Int32 = 1
      setsockopt(target, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
      #expect(!StandardDescriptors.write("text", to: target))
    #endif
    let readOnly = open("/dev/null", O_RDONLY)
    defer { close(readOnly) }
    #expect(!StandardDescriptors.write("text", to: readOnly))
    #expect(errno == EBADF)
  }

  @Test func `an empty text is written at once`() {
    #expect(StandardDescriptors.write("", to: -1))
  }
}
