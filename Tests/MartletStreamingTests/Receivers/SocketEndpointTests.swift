import MartletCore
import MartletTesting
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct SocketEndpointTests {
  @Test(
    arguments: [
      ("", "the host is empty"), ("http://localhost", "'http://localhost' is a URL"),
      ("localhost:9999", "includes a port"),
      (" localhost", "is not a valid host"), ("local host", "is not a valid host"),
      ("localhost/", "is not a valid host"),
      ("user@localhost", "is not a valid host"), ("localhost\0.example", "is not a valid host"),
      ("[::1", "is not a valid host"),
      ("[]", "is not a valid host"), ("a\n", "is not a valid host"),
    ])
  func `an invalid host is refused at the start, with the line`(host: String, reason: String) {
    let streams: [(String, (StreamingContext) -> Void)] = [
      ("socketTextStream", { $0.socketTextStream(host, 9999).pprint() }),
      ("rawSocketStream", { $0.rawSocketStream(host, 9999).pprint() }),
      ("socketStream", { $0.socketStream(host, 9999, converter: { try $0.read(exactly: 1) }).pprint() }),
    ]
    for (name, make) in streams {
      let test = TestStreamingContext()
      defer { test.stop() }
      make(test.context)
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.hasPrefix("\(name) at MartletStreamingTests/SocketEndpointTests.swift:") == true)
      #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("Pass only its name or its address") == true)
    }
  }

  @Test(arguments: [
    "localhost", "127.0.0.1", "::1", "[::1]", "fe80::1%eth0", "bücher.example", "a_b.internal", "::ffff:127.0.0.1",
  ])
  func `names and addresses of every kind are accepted`(host: String) {
    #expect(SocketEndpoint(host, 9999).problem == nil)
  }

  @Test func `an IPv6 address is in brackets before its port, however it was written`() {
    #expect("\(SocketEndpoint("::1", 9999))" == "[::1]:9999")
    #expect("\(SocketEndpoint("[::1]", 9999))" == "[::1]:9999")
    #expect(SocketEndpoint("[::1]", 9999).host == "::1")
    #expect("\(SocketEndpoint("localhost", 9999))" == "localhost:9999")
  }

  @Test func `an address is the same source in a checkpoint with brackets and without`() {
    let context = TestStreamingContext().context
    let identities = ["::1", "[::1]"].map { host in
      (context.socketTextStream(host, 9999) as any Sendable as? any RecoverableInput)?.inputIdentity
    }
    #expect(identities == Array(repeating: "socketTextStream(SocketTextReceiver ::1:9999)", count: 2))
  }

  @Test(.enabled(if: LoopbackServer.hasIPv6, "This machine has no IPv6"))
  func `a receiver connects to an IPv6 address in brackets`() throws {
    let server = LoopbackServer()
    let test = TestStreamingContext()
    // The address of the server in IPv6 form.
    let output = test.output(of: test.context.socketTextStream("[::ffff:127.0.0.1]", server.port))
    try test.start()
    let peer = server.accept()
    peer.send("hello\n")
    peer.finish()
    test.waitForReceiverError("[::ffff:127.0.0.1]:\(server.port) has closed the connection")
    try test.runBatches { !output.all.isEmpty }
    #expect(output.all == ["hello"])
    test.stop()
  }
}
