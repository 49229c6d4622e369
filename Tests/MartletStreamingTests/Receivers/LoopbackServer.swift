#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Testing

/// A TCP server on a free port of this machine.
final class LoopbackServer: Sendable {
  let port: Int
  private let descriptor: Int32

  /// Listens on `port`, or on a free one if it is 0.
  init(port: Int = 0, backlog: Int32 = 16) {
    let descriptor = makeSocket()
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        precondition(bind(descriptor, address, size) == 0, "No port for the test.")
        listen(descriptor, backlog)
        getsockname(descriptor, address, &size)
      }
    }
    self.descriptor = descriptor
    self.port = Int(in_port_t(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }

  /// A port on which no process listens.
  static func freePort() -> Int { LoopbackServer().port }

  /// True if sockets can have IPv6 addresses.
  static let hasIPv6: Bool = {
    #if canImport(Glibc)
      let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET6, SOCK_STREAM, 0)
    #endif
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }()

  /// Waits for a client; records an issue if none connects.
  func accept(sourceLocation: SourceLocation = #_sourceLocation) -> LoopbackPeer {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, 120_000) == 1 else {
      Issue.record("No client has connected.", sourceLocation: sourceLocation)
      return LoopbackPeer(-1)
    }
    return LoopbackPeer(systemAccept(descriptor, nil, nil))
  }
}

private let systemAccept = accept

private func makeSocket() -> Int32 {
  #if canImport(Glibc)
    socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  #else
    socket(AF_INET, SOCK_STREAM, 0)
  #endif
}

/// A connected client.
final class LoopbackPeer: Sendable {
  private let descriptor: Int32

  fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }

  func send(_ text: String) { send(Array(text.utf8)) }

  /// Sends all bytes; blocks while the other side does not read. Ends early if the client has disconnected.
  func send(_ bytes: [UInt8]) {
    var left = bytes[...]
    while !left.isEmpty {
      let sent = left.withUnsafeBytes { write(descriptor, $0) }
      if sent <= 0 { return }
      left = left.dropFirst(sent)
    }
  }

  private func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
      Darwin.send(descriptor, bytes.baseAddress, bytes.count, 0)
    #elseif canImport(Musl)
      Musl.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    #else
      Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    #endif
  }

  #if os(Linux)
    /// True if this process may make connections disappear.
    static let canVanish: Bool = {
      let descriptor = makeSocket()
      defer { close(descriptor) }
      return setRepair(descriptor)
    }()

    /// Disappears, as after a power failure: nothing is sent, and nothing will answer.
    func vanish() {
      #expect(Self.setRepair(descriptor))
      close(descriptor)
    }

    private static func setRepair(_ descriptor: Int32) -> Bool {
      // TCP_REPAIR.
      var one: Int32 = 1
      return setsockopt(descriptor, Int32(IPPROTO_TCP), 19, &one, socklen_t(MemoryLayout<Int32>.size)) == 0
    }
  #endif

  /// Ends the connection in an orderly way.
  func finish() { close(descriptor) }

  /// Breaks the connection, as a crashed machine would.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close(descriptor)
  }
}
