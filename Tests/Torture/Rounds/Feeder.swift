import FaultHarness
import MartletTorture
import Foundation
package import TortureVerifier

/// Feeds a program with numbered records, even while it is not running.
package protocol Feeder: AnyObject {
  var ledger: Ledger { get }
  /// Adds some records to the supply.
  func give() throws
  /// Does as much as is possible without waiting.
  func step() throws
  /// True if the program has all records.
  var isThrough: Bool { get }
  /// The records that the program has acknowledged.
  var acknowledged: [Record] { get }
}

/// Moves files into a folder.
package final class FileFeeder: Feeder {
  package private(set) var ledger = Ledger()
  private let folder: String
  private var random: SeededGenerator
  private var files = 0

  /// - Parameter folder: the folder of the round.
  package init(_ folder: String, seed: UInt64) throws {
    self.folder = folder
    random = SeededGenerator(seed: seed)
    for name in ["in", "new"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
  }

  package func give() throws {
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let name = "file-\(files)"
      let records = (0..<Int.random(in: 0...12, using: &random)).map { number in
        Record(key: "k\(Int.random(in: 0..<8, using: &random))", source: name, number: number)
      }
      files += 1
      let new = "\(folder)/new/\(name)"
      try Data(records.map { "\($0)\n" }.joined().utf8).write(to: URL(fileURLWithPath: new))
      // A file whose name is younger than its contents was moved in, and is read at once.
      try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: new)
      try FileManager.default.moveItem(atPath: new, toPath: "\(folder)/in/\(name)")
      for record in records { ledger.note(record) }
    }
  }

  package func step() {}

  package var isThrough: Bool { true }

  package var acknowledged: [Record] { [] }
}

/// Sends lines to a receiver that acknowledges them, and sends unacknowledged lines again when a connection has ended.
package final class SocketFeeder: Feeder {
  package let port: Int
  package private(set) var ledger = Ledger()
  private let listener: Loopback
  private var connection: Loopback?
  private var random: SeededGenerator
  private var records: [Record] = []
  private var numbers: [Int] = [0, 0, 0, 0, 0, 0]
  /// The number of `records` that are acknowledged, by this connection and those before it.
  private var acknowledgedCount = 0
  /// The index in `records` at which this connection began, and the number of records sent.
  private var begin = 0
  private var sentCount = 0
  private var unsent: ArraySlice<UInt8> = []
  private var unread: [UInt8] = []

  package init(seed: UInt64) throws {
    (listener, port) = try Loopback.listening()
    random = SeededGenerator(seed: seed)
  }

  package func give() {
    for _ in 0..<Int.random(in: 1...20, using: &random) {
      let source = Int.random(in: 0..<numbers.count, using: &random)
      records.append(Record(key: "k\(source)", source: "s\(source)", number: numbers[source]))
      numbers[source] += 1
    }
  }

  package var isThrough: Bool { acknowledgedCount == records.count }

  package var acknowledged: [Record] { Array(records[..<acknowledgedCount]) }

  package func step() throws {
    // A restarted program connects again; the acknowledgements of the previous process are read first.
    try readAcknowledgements()
    if let new = listener.accepted() {
      connection = new
      begin = acknowledgedCount
      sentCount = acknowledgedCount
      (unsent, unread) = ([], [])
    }
    send()
  }

  private func readAcknowledgements() throws {
    while let connection {
      switch connection.read() {
      case .nothing: return
      case .end: self.connection = nil
      case .bytes(let bytes):
        unread += bytes
        while let end = unread.firstIndex(of: 10) {
          guard let count = Int(String(decoding: unread[..<end], as: UTF8.self)), begin + count <= sentCount else {
            throw TortureError("The program acknowledges what was not sent: \(unread)")
          }
          acknowledgedCount = begin + count
          unread.removeSubrange(...end)
        }
      }
    }
  }

  private func send() {
    guard let connection else { return }
    if unsent.isEmpty {
      // At most 50 records at once: records in transit are sent again after a kill.
      let next = records[sentCount..<min(records.count, sentCount + 50)]
      for record in next { ledger.note(record) }
      unsent = Array(next.map { "\($0)\n" }.joined().utf8)[...]
      sentCount += next.count
    }
    guard !unsent.isEmpty else { return }
    guard let count = connection.write(unsent) else { return self.connection = nil }
    unsent = unsent.dropFirst(count)
  }
}
