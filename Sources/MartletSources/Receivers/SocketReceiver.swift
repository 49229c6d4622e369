import CMartlet
public import MartletCore
public import MartletRDD
public import MartletStreaming
import Synchronization

/// The server that a socket receiver connects to, and the options.
struct SocketTarget: Sendable {
  let endpoint: SocketEndpoint
  let options: SocketOptions
}

/// A receiver that reads from a TCP connection, and reconnects when it is lost.
package class SocketReceiver<Element: Sendable>: Receiver<Element>, @unchecked Sendable {
  private let target: SocketTarget
  private let connection = Mutex<SocketConnection?>(nil)

  init(_ target: SocketTarget, _ level: StorageLevel) {
    self.target = target
    super.init(storageLevel: level)
  }

  package override var name: String { "\(type(of: self)) \(target.endpoint)" }

  /// Without brackets, whatever the spelling of the host.
  package override var nameInCheckpoints: String { "\(type(of: self)) \(target.endpoint.host):\(target.endpoint.port)" }

  package override func onStart() throws {
    let connection: SocketConnection
    do {
      connection = try SocketConnection(target.endpoint, target.options) { isStopped }
    } catch {
      return restart("\(error)", error)
    }
    self.connection.withLock { $0 = connection }
    defer { self.connection.withLock { $0 = nil } }
    // Stopped while it was connecting: nothing will shut this connection down any more.
    guard !isStopped else { return }
    do {
      try receive(connection)
    } catch {
      return restart("\(error)", error)
    }
    if !isStopped { restart("\(connection.peer) has closed the connection.") }
  }

  package override func onStop() { connection.withLock { $0 }?.shutDown() }

  /// Reads until the peer ends or the receiver is stopped.
  func receive(_ connection: SocketConnection) throws {}
}

/// Lines of text from a socket.
final class SocketTextReceiver: SocketReceiver<Text>, @unchecked Sendable {
  private let maximumLineLength: Int

  init(_ target: SocketTarget, _ level: StorageLevel, maximumLineLength: Int) {
    self.maximumLineLength = maximumLineLength
    super.init(target, level)
  }

  override func receive(_ connection: SocketConnection) throws {
    guard let queue = supervisor?.queue else { return }
    let builder = LineBlockBuilder(queue, maximumLineLength: maximumLineLength)
    queue.setOpenBlock { builder.cut() }
    defer {
      if let rest = builder.cut() { queue.append(rest) }
      queue.setOpenBlock(nil)
    }
    do {
      while !isStopped {
        let limiter = supervisor?.rate?.limiter
        limiter?.waitUntilFree()
        guard queue.waitUntilRoom() else { break }
        let room = builder.room()
        guard let base = room.baseAddress else { break }
        let before = builder.totals
        let got = try connection.read(base, min(room.count, readSize(limiter?.currentRate, before)))
        if got == 0 { break }
        defer { limiter?.note(builder.totals.lines - before.lines) }
        if case .overlongLine(let bytes) = builder.received(got) {
          reportError(
            """
            A line from \(connection.peer) is longer than \(maximumLineLength) bytes (\(bytes) so far) and is \
            skipped. To accept such lines, increase martlet.line.maximum.bytes.
            """)
        }
      }
    } catch {
      let lost = builder.dropPartialLine()
      if lost > 0 {
        reportError("The connection to \(connection.peer) broke within a line; its \(lost) bytes are discarded.")
      }
      throw error
    }
    if isStopped {
      _ = builder.dropPartialLine()
    } else {
      builder.finishLastLine()
    }
  }

  /// The number of bytes to read at once: if lines are limited, about those of a twentieth of a second.
  private func readSize(_ rate: Double?, _ totals: (lines: Int, bytes: Int)) -> Int {
    guard let rate else { return .max }
    let lineLength = totals.lines > 0 ? Double(totals.bytes) / Double(totals.lines) : 64
    return Int(max(512, min(rate / 20 * lineLength, 1_048_576)))
  }
}

/// Blocks of lines from a socket: four bytes of length, big-endian, then the text.
final class RawSocketReceiver: SocketReceiver<Text>, @unchecked Sendable {
  private let maximumBlockLength = 256 << 20

  override func receive(_ connection: SocketConnection) throws {
    guard let queue = supervisor?.queue else { return }
    let input = SocketInput(connection)
    while !isStopped {
      supervisor?.rate?.limiter.waitUntilFree()
      guard queue.waitUntilRoom(), let header = try input.read(exactly: 4) else { return }
      let length = header.reduce(0) { $0 << 8 | Int($1) }
      guard length <= maximumBlockLength else {
        throw MartletError(
          .corruptData,
          """
          \(connection.peer) announces a block of \(length) bytes; the maximum is \(maximumBlockLength). A raw \
          socket expects the length of each block before it, in four bytes, big-endian.
          """)
      }
      let buffer = TextBuffer(capacity: length + 1)
      guard try input.read(exactly: length, to: buffer.base) else {
        throw MartletError(
          .corruptData, "\(connection.peer) ended within a block of \(length) bytes, which is discarded.")
      }
      let endsLine = length == 0 || buffer.base[length - 1] == 10
      if !endsLine { buffer.base[length] = 10 }
      let end = endsLine ? length : length + 1
      let lines = Int(martlet_count_byte(buffer.base, end, 10))
      if lines > 0 { queue.append(ReceivedBlock(lines: lines, in: buffer, 0..<end)) }
      supervisor?.rate?.limiter.note(lines)
    }
  }
}

/// The bytes of a socket, as a converter of `socketStream` reads them.
public final class SocketInput {
  private let connection: SocketConnection
  /// The maximum length of a read: more is assumed to be a misread length, or one that the peer has made up.
  private static let maximumCount = 256 << 20

  init(_ connection: SocketConnection) { self.connection = connection }

  /// Returns at most `count` bytes; waits until there are some. Empty at the end.
  ///
  /// - Throws: `MartletError` if `count` is negative.
  public func read(upTo count: Int) throws -> [UInt8] {
    if count < 0 { throw impossible(count) }
    let count = min(count, 1 << 20)
    return try [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      if let base = target.baseAddress, count > 0 { initialized = try connection.read(base, count) }
    }
  }

  /// Returns exactly `count` bytes; `nil` if the input has ended before the first of them.
  ///
  /// - Throws: `MartletError` if the input ends within them, or `count` is negative or more than 268,435,456 (256 MiB),
  ///   because a length that a peer sends may be wrong.
  public func read(exactly count: Int) throws -> [UInt8]? {
    guard (0...Self.maximumCount).contains(count) else { throw impossible(count) }
    var isWhole = false
    let bytes = try [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      guard let base = target.baseAddress else { return }
      isWhole = try read(exactly: count, to: base)
      initialized = isWhole ? count : 0
    }
    return isWhole || count == 0 ? bytes : nil
  }

  private func impossible(_ count: Int) -> MartletError {
    MartletError(
      .corruptData,
      """
      The converter of a socketStream requested \(count) bytes from \(connection.peer); it can read 0 to \
      \(Self.maximumCount) bytes at once. If the peer has sent the length, check it first.
      """)
  }

  /// Fills `target`; returns `false` if the input has ended before the first byte.
  func read(exactly count: Int, to target: UnsafeMutablePointer<UInt8>) throws -> Bool {
    var filled = 0
    while filled < count {
      let got = try connection.read(target + filled, count - filled)
      if got == 0 && filled == 0 { return false }
      guard got > 0 else {
        throw MartletError(.corruptData, "\(connection.peer) ended \(count - filled) bytes before the end of a record.")
      }
      filled += got
    }
    return true
  }
}

/// Records that a converter of the program reads from a socket's bytes.
final class ConvertingSocketReceiver<Element: Sendable>: SocketReceiver<Element>, @unchecked Sendable {
  private let converter: @Sendable (SocketInput) throws -> Element?

  init(
    _ target: SocketTarget, _ level: StorageLevel, _ converter: @escaping @Sendable (SocketInput) throws -> Element?
  ) {
    self.converter = converter
    super.init(target, level)
  }

  override func receive(_ connection: SocketConnection) throws {
    let input = SocketInput(connection)
    while !isStopped, let element = try converter(input) { store(element) }
  }
}

extension StreamingContext {
  /// The lines of text that `host` sends over TCP: UTF-8, terminated by line feeds (with or without a carriage return).
  ///
  /// If a connection is refused or lost, the receiver connects again after 100 ms, then after twice as long each time,
  /// up to 10 s, until a connection has delivered data and lasted longer than that; listeners and the log get the
  /// error. TCP keep-alive detects a peer that vanishes without closing the connection, after two minutes; a read
  /// time-out can, too: see `SocketSetting`. A line that is cut off by a lost connection is discarded and reported, and
  /// never joined to another. Lines longer than `martlet.line.maximum.bytes` are skipped and reported.
  ///
  /// Guarantee: at most once, because a socket does not send again. Records that were received but not processed are
  /// lost with the process; in a context with a checkpoint they are in the receiver's log within the block interval,
  /// and are processed after a restart (see `Receiver`).
  /// - Parameters:
  ///   - host: a name or an address; an IPv6 address with or without brackets.
  ///   - port: from 1 to 65535.
  ///   - storageLevel: has no effect, as `Receiver.storageLevel` explains.
  public func socketTextStream(
    _ host: String, _ port: Int, _ storageLevel: StorageLevel = .memoryOnly, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Text> {
    let site = OperatorSite("socketTextStream", file, line)
    let target = target(host, port, site)
    let maximum = (try? sparkContext.settings.get().maximumLineLength) ?? 1
    return ReceiverInput(SocketTextReceiver(target, storageLevel, maximumLineLength: maximum), self, site)
  }

  /// The records that `converter` reads from a socket, one per call; it returns `nil` at the end of the input.
  ///
  /// Reconnects as `socketTextStream` does. Guarantee: at most once, as there.
  public func socketStream<Element: Sendable>(
    _ host: String, _ port: Int, _ storageLevel: StorageLevel = .memoryOnly,
    converter: @escaping @Sendable (SocketInput) throws -> Element?, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    let site = OperatorSite("socketStream", file, line)
    return ReceiverInput(ConvertingSocketReceiver(target(host, port, site), storageLevel, converter), self, site)
  }

  /// The lines of blocks that a peer sends: four bytes of length, big-endian, then the text. Blocks are stored without
  /// looking at their contents, which is the fastest input.
  ///
  /// Reconnects as `socketTextStream` does. Guarantee: at most once, as there.
  public func rawSocketStream(
    _ host: String, _ port: Int, _ storageLevel: StorageLevel = .memoryOnly, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Text> {
    let site = OperatorSite("rawSocketStream", file, line)
    return ReceiverInput(RawSocketReceiver(target(host, port, site), storageLevel), self, site)
  }

  /// The server to connect to. `start()` refuses an invalid host or port, and invalid settings.
  private func target(_ host: String, _ port: Int, _ site: OperatorSite) -> SocketTarget {
    let endpoint = SocketEndpoint(host, port)
    if let problem = endpoint.problem {
      graph.fail(MartletError(.invalidArgument, "\(site.name) at \(site.callSite): \(problem)"))
    }
    do {
      return SocketTarget(endpoint: endpoint, options: try SocketOptions(sparkContext.conf))
    } catch {
      graph.fail(error)
      return SocketTarget(endpoint: endpoint, options: .standard)
    }
  }

  /// The records of your own receiver.
  public func receiverStream<Element: Sendable>(
    _ receiver: Receiver<Element>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    ReceiverInput(receiver, self, OperatorSite("receiverStream", file, line))
  }
}
