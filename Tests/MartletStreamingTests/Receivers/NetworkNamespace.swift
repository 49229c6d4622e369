#if os(Linux)
  import Glibc
  import MartletCore
  import Synchronization

  /// A network for one test, with only a loopback device.
  enum NetworkNamespace {
    struct Refusal: Error {}

    /// True if this process may create one.
    static let isAllowed: Bool = (try? run {}) != nil

    /// Runs `body` on a thread in a new network; threads that it starts are also in it.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
      let result = Mutex<Result<Value, any Error>>(.failure(Refusal()))
      let thread = WorkerThread(name: "test-network") {
        guard enter() else { return }
        let outcome = Result { try body() }
        result.withLock { $0 = outcome }
      }
      thread.join()
      return try result.withLock { try $0.get() }
    }

    /// Restricts the clients of the calling thread's network to these ports.
    static func setClientPorts(_ ports: ClosedRange<Int>) -> Bool {
      guard let file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "w") else { return false }
      let isWritten = fputs("\(ports.lowerBound) \(ports.upperBound)", file) >= 0
      return fclose(file) == 0 && isWritten
    }

    private static func enter() -> Bool {
      // The function needs a macro, so Swift does not import it.
      guard let address = dlsym(nil, "unshare") else { return false }
      let unshare = unsafeBitCast(address, to: (@convention(c) (Int32) -> Int32).self)
      let newNetwork: Int32 = 0x4000_0000
      return unshare(newNetwork) == 0 && setLoopback(isUp: true)
    }

    /// Turns the loopback device of the calling thread's network on or off. While it is off, nothing arrives.
    static func setLoopback(isUp: Bool) -> Bool {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      // A `struct ifreq`: 16 bytes of name, and flags.
      var request = [UInt8](repeating: 0, count: 40)
      request.replaceSubrange(0..<2, with: Array("lo".utf8))
      guard ioctl(descriptor, 0x8913, &request) == 0 else { return false }
      request[16] = isUp ? request[16] | 1 : request[16] & ~1
      return ioctl(descriptor, 0x8914, &request) == 0
    }
  }
#endif
