import MartletCore
import MartletRDD
import Synchronization

/// Writes the results of an operator for a batch into records, and reads them.
///
/// A record is a version byte, then chunks: the number of elements, the number of bytes, and these.
final class ResultLog<Element: Sendable>: Sendable {
  private let context: MartletContext
  private let site: OperatorSite
  /// `nil` while no records are needed.
  private let codec = Mutex<ElementCodec<Element>?>(nil)

  private static var version: UInt8 { 1 }
  /// The size at which another record begins.
  private static var fullRecord: Int { 128 << 10 }

  init(_ context: MartletContext, _ site: OperatorSite) {
    self.context = context
    self.site = site
  }

  /// Makes records from now on, if there is a codec.
  func keep() { codec.withLock { $0 = ElementCodec.makeDurable() } }

  /// The records of a batch, whose elements, by partition, are not moved.
  func records(of partitions: [ElementBuffer<Element>]) throws -> [StateRecord] {
    guard let codec = codec.withLock({ $0 }) else { return [] }
    let count = partitions.reduce(0) { $0 + $1.count }
    // Writing a few elements is faster than waking other threads.
    return try context.runTasks(partitions.indices, site, isTrivial: count <= chunkCapacity) { number in
      try Self.records(of: partitions[number], number, codec)
    }.flatMap { $0 }
  }

  private static func records(
    of elements: ElementBuffer<Element>, _ partition: Int, _ codec: ElementCodec<Element>
  ) throws -> [StateRecord] {
    var records: [StateRecord] = []
    var done = 0
    while done < elements.count {
      let bytes = ByteBuffer()
      let start = done
      bytes.append(version)
      while done < elements.count && bytes.count < fullRecord {
        let size = min(chunkCapacity, elements.count - done)
        bytes.append(fixed: UInt32(truncatingIfNeeded: size))
        let lengthAt = bytes.count
        bytes.append(fixed: UInt64(0))
        try codec.encode(elements.base + done, size, into: bytes)
        bytes.replace(at: lengthAt, with: UInt64(bytes.count - lengthAt - 8))
        done += size
      }
      records.append(
        StateRecord(kind: .results, partition: partition, keysSet: done - start, keysRemoved: 0, bytes: bytes))
    }
    return records
  }

  /// The elements of a batch, by the partitions in which it had some.
  func read(_ records: [StateRecord]) throws -> [ElementBuffer<Element>] {
    guard let codec = codec.withLock({ $0 }) else { return [] }
    let partitions = Set(records.map(\.partition)).sorted()
    return try context.runTasks(partitions.indices, site) { number in
      let elements = ElementBuffer<Element>()
      for record in records where record.partition == partitions[number] {
        try Self.read(record.bytes.bytes, codec, to: elements)
      }
      return elements
    }
  }

  private static func read(
    _ bytes: UnsafeRawBufferPointer, _ codec: ElementCodec<Element>, to elements: ElementBuffer<Element>
  ) throws {
    var bytes = ByteReader(bytes)
    let version = try bytes.fixed(UInt8.self)
    guard version == Self.version else {
      throw ByteReader.Malformed(reason: "its version is \(version), but this release reads version \(Self.version)")
    }
    while bytes.left > 0 {
      let count = Int(try bytes.fixed(UInt32.self))
      guard let length = Int(exactly: try bytes.fixed(UInt64.self)), count <= chunkCapacity else {
        throw ByteReader.Malformed(reason: "a number in it is too large")
      }
      let wanted = elements.count + count
      if wanted > elements.capacity { elements.reserve(max(wanted, 2 * elements.capacity)) }
      try codec.decode(try bytes.take(length), count, to: elements.base + elements.count)
      elements.count += count
    }
  }
}
