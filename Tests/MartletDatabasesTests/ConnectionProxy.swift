// Unsafe code. Invariant: each descriptor is closed once, by the thread that pumps from it, after `shutdown` has ended both
// directions.

import MartletCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A proxy before a server of the loopback device. It breaks a connection, or makes it silent, when the client sends a
/// certain text.
final class ConnectionProxy: Sendable {
  enum Break: Sendable {
    /// The server does not get the text.
    case before
    /// The server gets the text, and its answer is dropped.
    case after
    /// The server gets the text, and nothing passes any more, but the connection stays.
    case silent
  }

  let port: Int
  private let server: Int
  private let listener: Int32
  /// What breaks the next connection.
  private let plan = Mutex<(text: [UInt8], Break)?>(nil)
  private let broken = Atomic<Int>(0)

  init(to server: Int) throws {
    self.server = server
    listener = try Self.socket()
    var address = Self.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (descriptor, isBound) = withUnsafeMutablePointer(to: &address) { [listener] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        (
          listener,
          bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
        )
      }
    }
    guard isBound else { throw MartletError.system("Cannot listen", errno: errno) }
    port = Int(in_port_t(bigEndian: address.sin_port))
    try Self.thread { [self] in
      while true {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else { return }
        self.serve(client)
      }
    }
  }

  /// Stops accepting.
  func close() {
    shutdown(listener, Int32(SHUT_RDWR))
    #if canImport(Glibc)
      _ = Glibc.close(listener)
    #else
      _ = Darwin.close(listener)
    #endif
  }

  /// Breaks the next connection whose client sends the text.
  func breakNext(_ way: Break, at text: String) { plan.withLock { $0 = (Array(text.utf8), way) } }

  /// The number of connections that were broken.
  var breaks: Int { broken.load(ordering: .relaxed) }

  private func serve(_ client: Int32) {
    guard let upstream = try? Self.connect(to: server) else {
      shutdown(client, Int32(SHUT_RDWR))
      return
    }
    let state = DropState()
    do {
      try Self.thread { [self] in
        pump(client, upstream) { bytes in
          let way = plan.withLock { plan -> Break? in
            guard let (text, way) = plan, bytes.contains(text) else { return nil }
            plan = nil
            return way
          }
          guard let way else { return true }
          broken.add(1, ordering: .relaxed)
          if way == .before { return false }
          if way == .silent { state.isSilent.store(true, ordering: .sequentiallyConsistent) }
          if way == .after { state.isDropping.store(true, ordering: .sequentiallyConsistent) }
          return true
        }
      }
      try Self.thread { [self] in
        // The server has done the work when it answers.
        pump(upstream, client, isSilent: { state.isSilent.load(ordering: .sequentiallyConsistent) }) { _ in
          !state.isDropping.load(ordering: .sequentiallyConsistent)
        }
      }
    } catch { shutdown(client, Int32(SHUT_RDWR)) }
  }

  private final class DropState: Sendable {
    let isDropping = Atomic<Bool>(false)
    let isSilent = Atomic<Bool>(false)
  }

  /// Copies bytes until an end, or until `passes` says no; then ends both connections.
  private func pump(
    _ from: Int32, _ to: Int32, isSilent: () -> Bool = { false }, passes: ([UInt8]) -> Bool
  ) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(from, &buffer, buffer.count)
      guard count > 0, passes(Array(buffer[..<count])) else { break }
      if isSilent() { continue }
      var sent = 0
      while sent < count {
        let written = buffer.withUnsafeBytes { send(to, $0.baseAddress.map { $0 + sent }, count - sent, Self.noSignal) }
        guard written > 0 else { break }
        sent += written
      }
      if sent < count { break }
    }
    shutdown(from, Int32(SHUT_RDWR))
    shutdown(to, Int32(SHUT_RDWR))
    // The other thread may still read from `to`, which it closes.
    #if canImport(Glibc)
      _ = Glibc.close(from)
    #else
      _ = Darwin.close(from)
    #endif
  }

  #if canImport(Darwin)
    private static let noSignal: Int32 = 0
  #else
    private static let noSignal = Int32(MSG_NOSIGNAL)
  #endif

  private static func thread(_ body: @escaping @Sendable () -> Void) throws {
    _ = try WorkerThread(starting: "proxy") { body() }
  }

  private static func socket() throws -> Int32 {
    #if canImport(Glibc)
      let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #else
      let descriptor = Darwin.socket(AF_INET, SOCK_STREAM, 0)
    #endif
    guard descriptor >= 0 else { throw MartletError.system("Cannot make a socket", errno: errno) }
    return descriptor
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    address.sin_port = in_port_t(port).bigEndian
    return address
  }

  private static func connect(to port: Int) throws -> Int32 {
    let descriptor = try socket()
    var address = address(port)
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #if canImport(Glibc)
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        #else
          Darwin.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        #endif
      }
    }
    guard code == 0 else { throw MartletError.system("Cannot connect", errno: errno) }
    return descriptor
  }
}

extension [UInt8] {
  /// True if the bytes occur in this order somewhere.
  fileprivate func contains(_ other: [UInt8]) -> Bool {
    count >= other.count && (0...(count - other.count)).contains { self[$0..<$0 + other.count].elementsEqual(other) }
  }
}
