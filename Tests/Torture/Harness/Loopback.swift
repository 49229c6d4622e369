#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletTorture

/// A TCP connection on this machine, or a listening socket.
package final class Loopback: Sendable {
  private let descriptor: Int32

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    #if canImport(Darwin)
      setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  deinit { close(descriptor) }

  /// Opens a socket that child processes do not inherit.
  private static func open() throws -> Loopback {
    #if canImport(Darwin)
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    #else
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #endif
    guard descriptor >= 0 else { throw TortureError("No socket: errno \(errno).") }
    return Loopback(descriptor)
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static let addressSize = socklen_t(MemoryLayout<sockaddr_in>.size)

  /// Waits for connections at a free port.
  package static func listening() throws -> (socket: Loopback, port: Int) {
    let listener = try open()
    var address = address(0)
    var size = addressSize
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener.descriptor, pointer, size) == 0 && listen(listener.descriptor, 8) == 0
          && getsockname(listener.descriptor, pointer, &size) == 0
      }
    }
    guard isBound else { throw TortureError("Cannot listen: errno \(errno).") }
    listener.makeNonBlocking()
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// Connects to `port`. Returns `nil` if no process listens there.
  package static func connected(to port: Int) throws -> Loopback? {
    let connection = try open()
    var address = address(UInt16(port))
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(connection.descriptor, $0, addressSize) }
    }
    return code == 0 ? connection : nil
  }

  /// The next connection to a listening socket, if there is one; it does not block.
  package func accepted() -> Loopback? {
    let new = accept(descriptor, nil, nil)
    guard new >= 0 else { return nil }
    // A program that starts at this moment may inherit it: that does no harm, for the end comes from the other side.
    _ = fcntl(new, F_SETFD, FD_CLOEXEC)
    let connection = Loopback(new)
    connection.makeNonBlocking()
    return connection
  }

  private func makeNonBlocking() { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }

  /// The result of reading.
  package enum Reading {
    case bytes([UInt8])
    /// No bytes have arrived yet: only for connections that were accepted.
    case nothing
    case end
  }

  package func read() -> Reading {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 { return .bytes(Array(buffer[..<count])) }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
  }

  /// Sends as many bytes as possible without waiting. Returns their number, or `nil` if the peer has disconnected.
  package func write(_ bytes: ArraySlice<UInt8>) -> Int? {
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }

  /// Ends the connection, also for a thread that reads from it.
  package func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
