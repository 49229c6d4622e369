import MartletTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct OtherSocketTests {
  private func frame(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    return (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
  }

  @Test func `a raw socket takes blocks of lines`() throws {
    let server = LoopbackServer()
    let test = TestStreamingContext()
    let output = test.output(of: test.context.rawSocketStream("127.0.0.1", server.port))
    try test.start()
    let peer = server.accept()
    peer.send(frame("a\nb\n") + frame("") + frame("c\nwithout feed") + frame("\n"))
    try test.runBatches { output.all.count >= 5 }
    #expect(output.all == ["a", "b", "c", "without feed", ""])
    test.stop()
  }

  @Test func `a truncated raw block is left out and reported`() throws {
    let server = LoopbackServer()
    let test = TestStreamingContext()
    let output = test.output(of: test.context.rawSocketStream("127.0.0.1", server.port))
    try test.start()
    let peer = server.accept()
    peer.send(frame("whole\n") + frame("cut off\n").dropLast(3))
    peer.finish()
    test.waitForReceiverError("before the end of a record")
    server.accept().send(frame("again\n"))
    try test.runBatches { output.all.count >= 2 }
    #expect(output.all == ["whole", "again"])
    test.stop()
  }

  @Test func `a raw block of an absurd length is refused`() throws {
    let server = LoopbackServer()
    let test = TestStreamingContext()
    _ = test.output(of: test.context.rawSocketStream("127.0.0.1", server.port))
    try test.start()
    server.accept().send("GET / HTTP/1.1\r\n")
    test.waitForReceiverError("announces a block of")
    test.stop()
  }

  @Test func `a converter makes records from bytes`() throws {
    let server = LoopbackServer()
    let test = TestStreamingContext()
    let numbers = test.context.socketStream("127.0.0.1", server.port) { input in
      try input.read(exactly: 2).map { Int($0[0]) << 8 | Int($0[1]) }
    }
    let output = test.output(of: numbers)
    try test.start()
    let peer = server.accept()
    peer.send([0, 1, 1, 0, 0])
    try test.runBatches { output.all.count >= 2 }
    peer.finish()
    test.waitForReceiverError("ended 1 bytes before the end of a record")
    server.accept().send([0, 7])
    try test.runBatches { output.all.count >= 3 }
    #expect(output.all == [1, 256, 7])
    test.stop()
  }

  @Test func `a converter that throws is reported, and the receiver reconnects`() throws {
    struct Refusal: Error {}
    let server = LoopbackServer()
    let test = TestStreamingContext()
    let output = test.output(
      of: test.context.socketStream("127.0.0.1", server.port) { (input: SocketInput) -> UInt8? in
        guard let byte = try input.read(exactly: 1)?[0] else { return nil }
        if byte == 0 { throw Refusal() }
        return byte
      })
    try test.start()
    server.accept().send([1, 2, 0, 3])
    test.waitForReceiverError("Refusal")
    server.accept().send([4])
    try test.runBatches { output.all.count >= 3 }
    #expect(output.all == [1, 2, 4])
    test.stop()
  }

  @Test(arguments: [0, -1, 65536, 99999, .max]) func `an invalid port is refused at the start`(port: Int) {
    let streams: [(String, (StreamingContext) -> Void)] = [
      ("socketTextStream", { $0.socketTextStream("127.0.0.1", port).pprint() }),
      ("rawSocketStream", { $0.rawSocketStream("127.0.0.1", port).pprint() }),
      ("socketStream", { $0.socketStream("127.0.0.1", port, converter: { try $0.read(exactly: 1) }).pprint() }),
    ]
    for (name, make) in streams {
      let test = TestStreamingContext()
      make(test.context)
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.hasPrefix("\(name) at MartletStreamingTests/OtherSocketTests.swift:") == true)
      #expect(error?.message.contains("the port \(port) does not exist") == true)
    }
  }

  @Test(arguments: [Int.min, -2, 1 << 40, .max]) func `a converter continues after an invalid length`(
    count: Int
  ) throws {
    let server = LoopbackServer()
    let test = TestStreamingContext()
    let isFirst = Mutex(true)
    let bytes = test.context.socketStream("127.0.0.1", server.port) { input in
      let isAbsurd = isFirst.withLock { first in
        defer { first = false }
        return first
      }
      if isAbsurd && count < 0 { #expect(throws: MartletError.self) { try input.read(upTo: count) } }
      return try input.read(exactly: isAbsurd ? count : 2)
    }
    let output = test.output(of: bytes)
    try test.start()
    let peer = server.accept()
    test.waitForReceiverError("requested \(count) bytes")
    peer.finish()
    server.accept().send([1, 2])
    try test.runBatches { !output.all.isEmpty }
    #expect(output.all == [[1, 2]])
    test.stop()
  }
}
