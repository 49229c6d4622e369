// Unsafe code. Invariant: the descriptor is open from `init` to `deinit`; `shutdown` from another thread only makes
// reads end.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// `connect(2)`, under a name that no method hides.
private let systemConnect = connect

/// A TCP connection to read from.
final class SocketConnection: Sendable {
  let peer: String
  private let descriptor: Int32

  /// Connects to `host`, a name or an address, trying its addresses in turn. Gives up when `isCancelled` says so.
  init(_ host: String, _ port: Int, isCancelled: () -> Bool) throws {
    peer = "\(host):\(port)"
    guard (1...65535).contains(port) else {
      throw MartletError(.invalidArgument, "The port \(port) does not exist; ports go from 1 to 65535.")
    }
    var hints = addrinfo()
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var list: UnsafeMutablePointer<addrinfo>?
    let found = getaddrinfo(host, "\(port)", &hints, &list)
    guard found == 0 else {
      throw MartletError(.inputOutput, "Cannot find the host '\(host)': \(String(cString: gai_strerror(found)))")
    }
    defer { freeaddrinfo(list) }
    var code: Int32 = 0
    var next = list
    while let address = next {
      next = address.pointee.ai_next
      let candidate = socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
      guard candidate >= 0 else {
        code = errno
        continue
      }
      _ = fcntl(candidate, F_SETFD, FD_CLOEXEC)
      code = Self.connect(candidate, address.pointee, isCancelled)
      if code == 0 {
        descriptor = candidate
        return
      }
      close(candidate)
      if code == ECANCELED { break }
    }
    throw MartletError.system("Cannot connect to \(peer)", errno: code)
  }

  deinit { close(descriptor) }

  /// Connects one socket; 0, or why it could not. Does not block longer than a moment without asking `isCancelled`: a
  /// host that does not answer keeps a blocking `connect` for minutes.
  private static func connect(_ descriptor: Int32, _ address: addrinfo, _ isCancelled: () -> Bool) -> Int32 {
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    defer { _ = fcntl(descriptor, F_SETFL, flags) }
    if systemConnect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
    guard errno == EINPROGRESS || errno == EINTR else { return errno }
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    while true {
      if isCancelled() { return ECANCELED }
      let ready = poll(&entry, 1, 50)
      if ready < 0 && errno != EINTR { return errno }
      if ready > 0 { break }
    }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
  }

  /// Reads what is there, at most `count` bytes; waits until something is. 0 when the peer has ended in good order.
  func read(_ target: UnsafeMutableRawPointer, _ count: Int) throws -> Int {
    while true {
      let got = recv(descriptor, target, count, 0)
      if got >= 0 { return got }
      if errno != EINTR { throw MartletError.system("The connection to \(peer) broke", errno: errno) }
    }
  }

  /// Makes a read that waits, and all later ones, return 0.
  func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
