import MartletCore
import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct SocketTextTests {
  /// A started context that receives lines from `server`, and its first connection.
  private func connected(
    _ server: LoopbackServer, conf: MartletConf = MartletConf()
  ) throws -> (TestStreamingContext, StreamOutput<Text>, LoopbackPeer) {
    let (test, output) = try started(server.port, conf: conf)
    return (test, output, server.accept())
  }

  private func started(
    _ port: Int, conf: MartletConf = MartletConf()
  ) throws -> (TestStreamingContext, StreamOutput<Text>) {
    let test = TestStreamingContext(conf: conf.setMaster("local[2]"))
    let output = test.output(of: test.context.socketTextStream("127.0.0.1", port))
    try test.start()
    return (test, output)
  }

  @Test func `lines come with and without carriage return, including empty ones`() throws {
    let (test, output, peer) = try connected(LoopbackServer())
    peer.send("one\r\ntwo\n\n\r\nthree\r four\n")
    try test.runBatches { output.all.count >= 5 }
    #expect(output.all == ["one", "two", "", "", "three\r four"])
    #expect(test.events.completedBatches.reduce(0) { $0 + $1.numRecords } == 5)
    #expect(test.context.progress.records == 5)
    test.stop()
  }

  @Test func `a line that arrives in pieces is one line`() throws {
    let (test, output, peer) = try connected(LoopbackServer())
    for piece in ["h", "el", "lo wo", "rld", "\n"] {
      peer.send(piece)
      try test.runBatch()
    }
    try test.runBatches { !output.all.isEmpty }
    #expect(output.all == ["hello world"])
    test.stop()
  }

  @Test func `bytes that are not UTF-8 are repaired`() throws {
    let (test, output, peer) = try connected(LoopbackServer())
    peer.send([0x61, 0xff, 0x62, 0x0a, 0xc3, 0xa9, 0x0a])
    try test.runBatches { output.all.count >= 2 }
    #expect(output.all == ["a\u{fffd}b", "é"])
    test.stop()
  }

  @Test func `a byte order mark stays in the first line, as in Spark`() throws {
    let (test, output, peer) = try connected(LoopbackServer())
    peer.send("\u{FEFF}first\n\u{FEFF}second\n")
    try test.runBatches { output.all.count >= 2 }
    #expect(output.all == ["\u{FEFF}first", "\u{FEFF}second"])
    test.stop()
  }

  @Test func `an orderly end keeps the last line, and the next connection starts afresh`() throws {
    let server = LoopbackServer()
    let (test, output, peer) = try connected(server)
    peer.send("first\nlast without feed")
    peer.finish()
    let next = server.accept()
    next.send(" not glued\n")
    try test.runBatches { output.all.count >= 3 }
    #expect(output.all == ["first", "last without feed", " not glued"])
    test.waitForReceiverError("has closed the connection")
    test.stop()
  }

  @Test func `a broken connection loses its unfinished line, reports so, and the next starts afresh`() throws {
    let server = LoopbackServer()
    let (test, output, peer) = try connected(server)
    peer.send("whole\n")
    try test.runBatches { output.all.count >= 1 }
    peer.send("next\nhalf")
    try test.runBatches { output.all.count >= 2 }
    peer.reset()
    test.waitForReceiverError("its 4 bytes are discarded")
    let next = server.accept()
    next.send("whole again\n")
    try test.runBatches { output.all.count >= 3 }
    #expect(output.all == ["whole", "next", "whole again"])
    test.stop()
  }

  @Test func `a refused connection is tried again, visibly`() throws {
    let port = LoopbackServer.freePort()
    let (test, output) = try started(port)
    test.waitForReceiverError("refused")
    let server = LoopbackServer(port: port)
    server.accept().send("at last\n")
    try test.runBatches { !output.all.isEmpty }
    #expect(output.all == ["at last"])
    let starts = test.events.events.filter { $0.name == "receiverStarted" }
    #expect(starts.count >= 2)
    test.stop()
  }

  @Test func `a line that is too long is left out and reported, however it is divided into packets`() throws {
    let conf = MartletConf().set(MartletConf.Key.maximumLineLength, "100")
    let (test, output, peer) = try connected(LoopbackServer(), conf: conf)
    let long = String(repeating: "x", count: 5000)
    let just = String(repeating: "y", count: 100)
    peer.send("a\n\(long)\nb\n\(just)\n")
    for _ in 0..<50 { peer.send(long) }
    peer.send("\nc\n")
    try test.runBatches { output.all.count >= 4 }
    #expect(output.all == ["a", "b", Text(just), "c"])
    test.waitForReceiverError("longer than 100 bytes")
    test.stop()
  }

  @Test func `many lines over many blocks arrive completely and in order`() throws {
    let (test, output, peer) = try connected(LoopbackServer())
    let count = 200_000
    // Not a task: tests that block may have taken all of Swift's own threads.
    _ = WorkerThread(name: "test-sender") {
      var bytes: [UInt8] = []
      for n in 0..<count { bytes += Array("line number \(n)\n".utf8) }
      peer.send(bytes)
    }
    try test.runBatches { test.context.progress.records >= count }
    #expect(output.all.count == count)
    #expect(output.all.enumerated().allSatisfy { $1 == "line number \($0)" })
    test.stop()
  }

  @Test func `a slow program slows the sender and loses nothing`() throws {
    let limit = 300_000
    let conf = MartletConf().set(StreamingContext.receiverBufferKey, "\(limit)")
    let (test, output, peer) = try connected(LoopbackServer(), conf: conf)
    let line = String(repeating: "z", count: 99)
    let count = 100_000
    _ = WorkerThread(name: "test-sender") {
      let block = Array(repeating: Array("\(line)\n".utf8), count: 1000).flatMap { $0 }
      for _ in 0..<count / 1000 { peer.send(block) }
    }
    try test.runBatches { output.all.count >= count }
    #expect(output.all.count == count)
    // The held bytes may exceed the limit by the block that was open and the one that was being filled.
    #expect(output.batches.allSatisfy { $0.count * 100 <= limit + (2 << 20) })
    #expect(output.batches.count > 3)
    test.stop()
  }

  @Test func `a graceful stop processes the received lines`() async throws {
    let (test, output, peer) = try connected(LoopbackServer())
    peer.send("a\nb\nc\n")
    peer.finish()
    test.waitForReceiverError("has closed the connection")
    #expect(output.batches.isEmpty)
    await test.context.stop(gracefully: true)
    #expect(output.all == ["a", "b", "c"])
    #expect(test.context.progress.records == 3)
  }

  @Test func `stopping does not wait for a host that does not answer`() async throws {
    // The server accepts no connection: once the queue is full, further attempts to connect get no answer.
    let server = LoopbackServer(backlog: 0)
    let test = TestStreamingContext(master: "local[9]")
    for _ in 0..<8 { _ = test.output(of: test.context.socketTextStream("127.0.0.1", server.port)) }
    try test.start()
    let time = ContinuousClock().measure { test.stop() }
    // The system would try for two minutes.
    #expect(time < .seconds(60))
  }

  @Test func `several connections are received at the same time`() throws {
    let servers = (0..<4).map { _ in LoopbackServer() }
    let test = TestStreamingContext(master: "local[5]")
    let streams = servers.map { test.context.socketTextStream("127.0.0.1", $0.port) }
    let output = test.output(of: test.context.union(streams))
    try test.start()
    for (n, server) in servers.enumerated() { server.accept().send("from \(n)\n") }
    try test.runBatches { output.all.count >= 4 }
    #expect(output.all.sorted() == ["from 0", "from 1", "from 2", "from 3"])
    let inputs = Set(test.events.completedBatches.flatMap { $0.streamIDToInputInfo.keys })
    #expect(inputs == [0, 1, 2, 3])
    test.stop()
  }
}
