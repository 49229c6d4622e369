// Unsafe code. Invariant: the descriptor is open from `init` to `deinit`; `shutdown` from another thread only ends
// reads.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletStreaming

/// `connect(2)`, under a name that no method shadows.
private let systemConnect = connect

/// A TCP connection to read from.
final class SocketConnection: Sendable {
  let peer: String
  private let descriptor: Int32
  private let readTimeout: Duration?

  /// Connects to `endpoint`, trying its addresses in turn. Gives up when `isCancelled` returns `true`.
  init(_ endpoint: SocketEndpoint, _ options: SocketOptions, isCancelled: () -> Bool) throws {
    peer = "\(endpoint)"
    readTimeout = options.readTimeout
    if let problem = endpoint.problem { throw MartletError(.invalidArgument, "Cannot connect to \(peer): \(problem)") }
    var hints = addrinfo()
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var list: UnsafeMutablePointer<addrinfo>?
    let found = getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &list)
    guard found == 0 else {
      throw MartletError(
        .inputOutput, "Cannot find the host '\(endpoint.host)': \(String(cString: gai_strerror(found)))")
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
      Self.set(candidate, options)
      code = Self.connect(candidate, address.pointee, isCancelled)
      if code == 0 && Self.isConnectedToItself(candidate) {
        // There is no listener. Reset, so that the port is free at once for a server that starts later.
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(candidate, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
        code = ECONNREFUSED
      }
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

  /// Makes the system probe the peer, and end reads that wait too long. Nothing is ever sent to the peer, so
  /// `TCP_USER_TIMEOUT`, the limit for unacknowledged data, does not matter.
  private static func set(_ descriptor: Int32, _ options: SocketOptions) {
    func set(_ level: Int32, _ option: Int32, _ value: Int32) {
      var value = value
      setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    #if canImport(Darwin)
      set(Int32(IPPROTO_TCP), TCP_KEEPALIVE, options.keepAliveTime)
    #else
      set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, options.keepAliveTime)
    #endif
    set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, options.keepAliveInterval)
    set(Int32(IPPROTO_TCP), TCP_KEEPCNT, options.keepAliveProbes)
    if let timeout = options.readTimeout {
      let (seconds, nanoseconds) = timeout.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
      var limit = timeval()
      limit.tv_sec = time_t(seconds)
      limit.tv_usec = suseconds_t(nanoseconds / 1000)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  /// Returns true if the socket is connected to itself. If a client connects to a port of this machine without a
  /// listener, and the system assigns it that same port, TCP connects the socket to itself.
  private static func isConnectedToItself(_ descriptor: Int32) -> Bool {
    func address(_ get: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> [UInt8]? {
      var storage = sockaddr_storage()
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      return withUnsafeMutablePointer(to: &storage) { pointer in
        let isKnown = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { get(descriptor, $0, &size) == 0 }
        return isKnown ? Array(UnsafeRawBufferPointer(start: pointer, count: Int(size))) : nil
      }
    }
    guard let own = address({ getsockname($0, $1, $2) }) else { return false }
    return own == address { getpeername($0, $1, $2) }
  }

  /// Connects one socket; returns 0, or an error code. Does not block longer than a moment without calling
  /// `isCancelled`: a host that does not answer blocks a blocking `connect` for minutes.
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

  /// Reads at most `count` bytes; waits until there are some. Returns 0 when the peer has closed the connection
  /// properly.
  func read(_ target: UnsafeMutableRawPointer, _ count: Int) throws -> Int {
    while true {
      let got = recv(descriptor, target, count, 0)
      if got >= 0 { return got }
      switch errno {
      case EINTR: continue
      case EAGAIN, EWOULDBLOCK:
        throw MartletError(
          .inputOutput,
          """
          \(peer) has sent nothing for \((readTimeout ?? .zero).text), the limit of \(SocketSetting.readTimeoutKey).
          """)
      case ETIMEDOUT:
        throw MartletError.system(
          "The connection to \(peer) broke: the peer no longer answers keep-alive probes", errno: ETIMEDOUT)
      case let code: throw MartletError.system("The connection to \(peer) broke", errno: code)
      }
    }
  }

  /// Makes a waiting read, and all later ones, return 0.
  func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
