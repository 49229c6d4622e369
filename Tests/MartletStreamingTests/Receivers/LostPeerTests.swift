import MartletCore
import MartletTesting
import Testing

/// Peers that have disappeared without ending the connection, or that never existed.
@Suite(.timeLimit(.minutes(30))) struct LostPeerTests {
  /// A source, with the bytes of a line or a record for it.
  enum Source: CaseIterable, Sendable {
    case text
    case raw
    case converted

    func stream(_ context: StreamingContext, _ host: String, _ port: Int) -> DStream<Text> {
      switch self {
      case .text: context.socketTextStream(host, port)
      case .raw: context.rawSocketStream(host, port)
      case .converted:
        context.socketStream(host, port) { input in try input.read(exactly: 4).map { Text(decoding: $0) } }
      }
    }

    /// Four letters, in the form of the source.
    func bytes(_ word: String) -> [UInt8] {
      switch self {
      case .text: Array("\(word)\n".utf8)
      case .raw: [0, 0, 0, 5] + Array("\(word)\n".utf8)
      case .converted: Array(word.utf8)
      }
    }
  }

  private func started(
    _ source: Source, _ server: LoopbackServer, _ settings: [String: String]
  ) throws -> (TestStreamingContext, StreamOutput<Text>) {
    let conf = settings.reduce(MartletConf().setMaster("local[2]")) { $0.set($1.key, $1.value) }
    let test = TestStreamingContext(conf: conf)
    let output = test.output(of: source.stream(test.context, "127.0.0.1", server.port))
    try test.start()
    return (test, output)
  }

  #if os(Linux)
    @Test(
      .enabled(if: LoopbackPeer.canVanish, "Only root may remove a connection silently (TCP_REPAIR)"),
      arguments: Source.allCases)
    func `a peer that vanishes silently is noticed and reported, and the receiver reconnects`(source: Source) throws {
      let server = LoopbackServer()
      let settings = [
        SocketSetting.keepAliveTimeKey: "1s", SocketSetting.keepAliveIntervalKey: "1s",
        SocketSetting.keepAliveProbesKey: "1",
      ]
      let (test, output) = try started(source, server, settings)
      let peer = server.accept()
      peer.send(source.bytes("here"))
      try test.runBatches { output.all == ["here"] }
      peer.vanish()
      test.waitForReceiverError("The connection to 127.0.0.1:\(server.port) broke")
      server.accept().send(source.bytes("back"))
      try test.runBatches { output.all.count >= 2 }
      #expect(output.all == ["here", "back"])
      test.stop()
    }

    @Test(.enabled(if: NetworkNamespace.isAllowed, "Only root may create a network namespace"))
    func `a peer that no longer answers is noticed, and the receiver reconnects when the network works again`() throws {
      let (message, lines) = try NetworkNamespace.run {
        let server = LoopbackServer()
        let settings = [
          SocketSetting.keepAliveTimeKey: "1s", SocketSetting.keepAliveIntervalKey: "1s",
          SocketSetting.keepAliveProbesKey: "2",
        ]
        let (test, output) = try started(.text, server, settings)
        defer { test.stop() }
        let peer = server.accept()
        peer.send("before\n")
        try test.runBatches { !output.all.isEmpty }
        try #require(NetworkNamespace.setLoopback(isUp: false))
        _ = test.events.wait { $0.contains { $0.name == "receiverError" } }
        let message = test.events.receiverErrors.first?.lastErrorMessage ?? ""
        try #require(NetworkNamespace.setLoopback(isUp: true))
        guard !message.isEmpty else { return (message, output.all) }
        server.accept().send("after\n")
        try test.runBatches { output.all.count >= 2 }
        return (message, output.all)
      }
      #expect(message.contains("the peer no longer answers keep-alive probes"), "\(message)")
      #expect(lines == ["before", "after"])
    }

    @Test(.enabled(if: NetworkNamespace.isAllowed, "Only root may create a network namespace"))
    func `a receiver does not connect to itself while it waits for the server`() throws {
      let port = 40_004
      let (isRefused, lines) = try NetworkNamespace.run {
        // A client can only come from the port that it wants to connect to.
        try #require(NetworkNamespace.setClientPorts(port...port))
        let test = TestStreamingContext()
        let output = test.output(of: test.context.socketTextStream("127.0.0.1", port))
        try test.start()
        defer { test.stop() }
        let isRefused = test.events.wait { events in
          events.contains { event in
            if case .receiverError(let info) = event { info.lastErrorMessage.contains("refused") } else { false }
          }
        }
        guard isRefused else { return (false, output.all) }
        try #require(NetworkNamespace.setClientPorts(port + 1...port + 999))
        // The port is free: no remains of the receiver's attempts block the server.
        let server = LoopbackServer(port: port)
        server.accept().send("at last\n")
        try test.runBatches { !output.all.isEmpty }
        return (isRefused, output.all)
      }
      #expect(isRefused)
      #expect(lines == ["at last"])
    }
  #endif

  @Test(arguments: Source.allCases)
  func `a peer that is silent for longer than the read timeout is reported, and the receiver reconnects`(
    source: Source
  ) throws {
    let server = LoopbackServer()
    let (test, output) = try started(source, server, [SocketSetting.readTimeoutKey: "200ms"])
    let silent = server.accept()
    test.waitForReceiverError(
      "127.0.0.1:\(server.port) has sent nothing for 200 ms, the limit of martlet.streaming.socket.readTimeout"
    )
    // It exists all the time, and has ended nothing.
    defer { silent.finish() }
    server.accept().send(source.bytes("back"))
    try test.runBatches { !output.all.isEmpty }
    #expect(output.all == ["back"])
    test.stop()
  }

  @Test func `an unfinished line of a silent peer is left out, and not joined to another`() throws {
    let server = LoopbackServer()
    let (test, output) = try started(.text, server, [SocketSetting.readTimeoutKey: "200ms"])
    let silent = server.accept()
    silent.send("whole\nhalf")
    test.waitForReceiverError("its 4 bytes are discarded")
    defer { silent.finish() }
    server.accept().send("next\n")
    try test.runBatches { output.all.count >= 2 }
    #expect(output.all == ["whole", "next"])
    test.stop()
  }

  @Test(arguments: [
    (SocketSetting.keepAliveTimeKey, "0"), (SocketSetting.keepAliveTimeKey, "never"),
    (SocketSetting.keepAliveTimeKey, "40000s"), (SocketSetting.keepAliveIntervalKey, "-1s"),
    (SocketSetting.keepAliveProbesKey, "0"), (SocketSetting.keepAliveProbesKey, "128"),
    (SocketSetting.readTimeoutKey, "soon"),
  ])
  func `an invalid setting is refused at the start`(key: String, value: String) throws {
    for source in Source.allCases {
      let test = TestStreamingContext(conf: MartletConf().setMaster("local[2]").set(key, value))
      _ = test.output(of: source.stream(test.context, "127.0.0.1", 9999))
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.contains("The setting \(key) is '\(value)'") == true, "\(source)")
    }
  }
}
