import FaultHarness
import MartletTorture
import Martlet
import Synchronization

/// A reliable receiver of lines: it acknowledges the lines of a connection, by sending their number, when they are in
/// the log. The sender sends unacknowledged lines again when the connection has ended.
final class NumberedReceiver: Receiver<Text>, @unchecked Sendable {
  private let port: Int
  private let connection = Mutex<Loopback?>(nil)

  init(port: Int) {
    self.port = port
    super.init()
  }

  override var name: String { "NumberedReceiver" }

  override func onStart() throws {
    guard let connection = try Loopback.connected(to: port) else {
      return restart("No process listens on port \(port).", delay: .milliseconds(20))
    }
    self.connection.withLock { $0 = connection }
    defer { self.connection.withLock { $0 = nil } }
    var partial: [UInt8] = []
    var count = 0
    while !isStopped {
      guard case .bytes(let bytes) = connection.read() else { break }
      var lines: [Text] = []
      for byte in bytes {
        if byte == 10 {
          lines.append(Text(String(decoding: partial, as: UTF8.self)))
          partial = []
        } else {
          partial.append(byte)
        }
      }
      guard !lines.isEmpty else { continue }
      guard store(contentsOf: lines) else { break }
      count += lines.count
      let acknowledgement = Array("\(count)\n".utf8)
      guard connection.write(acknowledgement[...]) == acknowledgement.count else { break }
    }
    if !isStopped { restart("The connection has ended.", delay: .milliseconds(20)) }
  }

  override func onStop() { connection.withLock { $0 }?.shutDown() }
}
