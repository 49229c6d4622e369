// Unsafe code. Invariant: the contents of a record belong to one reader, or to the pool.

import CMartlet
import Synchronization

/// Reads one text after another with the same memory. For one thread at a time.
package final class JSONRecordReader {
  private let contents: UnsafeMutablePointer<JSONRecord.Contents>

  /// The number of nodes above which their memory is released after a record.
  private static let retainedCapacity = 65_536

  package init(_ decoder: JSONRecordDecoder) {
    contents = JSONRecordPool.take()
    contents.pointee.settings = decoder
    contents.pointee.names = JSONConvertedNames()
  }

  deinit {
    contents.pointee.generation &+= 1
    JSONRecordPool.put(contents)
  }

  /// The value of a type that a text represents.
  package func decode<Value: Decodable>(_ type: Value.Type, from text: Text) throws(JSONRecordError) -> Value {
    // The record refers to the bytes of the text, but not to the text.
    defer { withExtendedLifetime(text) { contents.pointee.generation &+= 1 } }
    let record = try read(text)
    do { return try record.value(type, 0) } catch { throw JSONRecordError(error, in: record) }
  }

  /// The values in a text, until the next one is read, or the text or the reader is released. The first value is that of
  /// the whole text.
  package func read(_ text: Text) throws(JSONRecordError) -> JSONRecord {
    if let owner = text.owner {
      contents.pointee.owner = Unmanaged.passUnretained(owner)
      contents.pointee.base = text.longBase
    } else {
      // Safe: there are 16 bytes, and more that are never written.
      let raw = UnsafeMutableRawPointer(contents.pointee.inline)
      let words = text.inlineWords
      raw.storeBytes(of: words.low, as: UInt64.self)
      raw.storeBytes(of: words.high, toByteOffset: 8, as: UInt64.self)
      contents.pointee.owner = nil
      contents.pointee.base = UnsafePointer(contents.pointee.inline)
    }
    return try scanned(text.utf8Count)
  }

  /// The values in a text, until the next one is read, or its bytes change.
  /// - Parameter bytes: UTF-8, which `MARTLET_PADDING` readable bytes follow.
  package func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONRecordError) -> JSONRecord {
    contents.pointee.owner = nil
    contents.pointee.base = bytes.baseAddress ?? UnsafePointer(contents.pointee.inline)
    return try scanned(bytes.count)
  }

  private func scanned(_ count: Int) throws(JSONRecordError) -> JSONRecord {
    contents.pointee.generation &+= 1
    contents.pointee.depth = 0
    contents.pointee.count = 0
    contents.pointee.stack = nil
    if contents.pointee.capacity > Self.retainedCapacity {
      contents.pointee.nodes.deallocate()
      contents.pointee.nodes = .allocate(capacity: JSONRecord.usualCapacity)
      contents.pointee.capacity = JSONRecord.usualCapacity
    }
    var scanner = JSONScanner(
      contents.pointee.base, count: count, nodes: contents.pointee.nodes, capacity: contents.pointee.capacity,
      levels: contents.pointee.levels)
    defer {
      contents.pointee.nodes = scanner.nodes
      contents.pointee.capacity = scanner.capacity
    }
    do { try scanner.scan() } catch { throw JSONRecordError(error) }
    contents.pointee.count = scanner.count
    return JSONRecord(contents)
  }
}

/// The memory of records that no reader uses: as much as readers have used at the same time.
private enum JSONRecordPool {
  private struct Entry: @unchecked Sendable {
    // Sendable: the pool's lock orders the accesses of the readers that use the memory in turn.
    let contents: UnsafeMutablePointer<JSONRecord.Contents>
  }

  private static let free = Mutex<[Entry]>([])

  static func take() -> UnsafeMutablePointer<JSONRecord.Contents> {
    if let entry = free.withLock({ $0.popLast() }) { return entry.contents }
    let inline = UnsafeMutablePointer<UInt8>.allocate(capacity: 16 + Int(MARTLET_PADDING))
    inline.initialize(repeating: 0, count: 16 + Int(MARTLET_PADDING))
    let contents = UnsafeMutablePointer<JSONRecord.Contents>.allocate(capacity: 1)
    contents.initialize(
      to: JSONRecord.Contents(
        base: UnsafePointer(inline), nodes: .allocate(capacity: JSONRecord.usualCapacity), inline: inline,
        levels: .allocate(capacity: JSONScanner.maximumDepth)))
    return contents
  }

  static func put(_ contents: UnsafeMutablePointer<JSONRecord.Contents>) {
    let entry = Entry(contents: contents)
    free.withLock { $0.append(entry) }
  }
}
