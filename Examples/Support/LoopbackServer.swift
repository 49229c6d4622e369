#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Dispatch

/// A TCP server on 127.0.0.1 that takes the place of a remote one, so that an example needs no second terminal.
public final class LoopbackServer: Sendable {
  /// The port on which it listens.
  public let port: Int
  private let descriptor: Int32

  /// Listens, and calls `serve` for each client, on a thread of its own. The connection is closed when `serve` returns.
  ///
  /// - Parameter port: the port; 0 selects a free one.
  public init(port: Int = 0, serve: @escaping @Sendable (LoopbackConnection) -> Void) throws {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let descriptor = socket(AF_INET, stream, 0)
    guard descriptor >= 0 else { throw ServerError("Cannot make a socket", errno) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard bound else {
      let code = errno
      close(descriptor)
      throw ServerError("Cannot listen on 127.0.0.1:\(port)", code)
    }
    self.descriptor = descriptor
    self.port = Int(in_port_t(bigEndian: address.sin_port))
    let clients = DispatchQueue(label: "loopback-clients", attributes: .concurrent)
    DispatchQueue(label: "loopback-server").async {
      while true {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else {
          close(descriptor)
          return
        }
        clients.async {
          serve(LoopbackConnection(client))
          close(client)
        }
      }
    }
  }

  /// Stops listening. Existing connections remain open.
  public func stop() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// The server's end of a connection.
public struct LoopbackConnection: Sendable {
  private let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    #if canImport(Darwin)
      var yes: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  /// Sends text. Returns false if the peer has disconnected.
  public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Sends bytes. Returns false if the peer has disconnected.
  public func send(_ bytes: [UInt8]) -> Bool {
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Self.write(descriptor, $0, flags) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
    #if canImport(Glibc)
      Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
    #elseif canImport(Musl)
      Musl.send(descriptor, bytes.baseAddress, bytes.count, flags)
    #else
      Darwin.send(descriptor, bytes.baseAddress, bytes.count, flags)
    #endif
  }

  /// Sends the length in four bytes, most significant first, and then the text: a block for `rawSocketStream`.
  public func send(block text: String) -> Bool {
    let bytes = Array(text.utf8)
    let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) }
    return send(length + bytes)
  }

  /// Waits until the peer has disconnected, or for `seconds` at most.
  public func waitForPeerToLeave(seconds: Int = 600) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var byte: UInt8 = 0
    while recv(descriptor, &byte, 1, 0) > 0 {}
  }
}

/// Blocks the calling thread.
public func pause(milliseconds: Int) { usleep(UInt32(milliseconds) * 1000) }

struct ServerError: Error, CustomStringConvertible {
  let description: String

  init(_ what: String, _ code: Int32) { description = "\(what): \(String(cString: strerror(code)))" }
}
