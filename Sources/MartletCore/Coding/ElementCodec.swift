// Unsafe code. Invariant: `write` reads, and `read` writes, `count` elements that are `stride` bytes apart; `read`
// leaves all of them initialized, or throws and leaves none.

/// Converts elements to bytes and back, a run of them at a time.
///
/// Runs are written field by field: all keys, then all values. `make(for:)` finds a codec at run time; elements without
/// a codec stay in memory where others would be written to disk.
package struct ElementCodec<Element>: Sendable {
  typealias Write = @Sendable (_ base: UnsafeRawPointer, _ stride: Int, _ count: Int, _ out: ByteBuffer) throws -> Void
  typealias Read =
    @Sendable (_ target: UnsafeMutableRawPointer, _ stride: Int, _ count: Int, _ bytes: inout ByteReader) throws -> Void
  typealias Measure = @Sendable (_ element: UnsafeRawPointer, _ footprint: inout Footprint) -> Void

  /// A description of the encoding: codecs with the same form read each other's bytes.
  package let form: String
  let write: Write
  let read: Read
  /// Adds the memory that an element points to; `nil` if elements point to nothing.
  let measure: Measure?

  init(form: String, write: @escaping Write, read: @escaping Read, measure: Measure?) {
    self.form = form
    self.write = write
    self.read = read
    self.measure = measure
  }

  /// True if elements are written as their bytes in memory.
  var isPlain: Bool { form.hasPrefix("raw ") }

  /// True if another build of the program may read the bytes: the form describes them completely.
  var isDurable: Bool { PlainDescription.isComplete(form: form) }

  /// Appends `count` elements, which remain their owner's.
  package func encode(_ base: UnsafePointer<Element>, _ count: Int, into out: ByteBuffer) throws {
    try write(base, MemoryLayout<Element>.stride, count, out)
  }

  /// Initializes `count` elements at `target` from exactly these bytes, or throws and leaves none.
  package func decode(_ bytes: UnsafeRawBufferPointer, _ count: Int, to target: UnsafeMutablePointer<Element>) throws {
    var reader = ByteReader(bytes)
    try read(target, MemoryLayout<Element>.stride, count, &reader)
    do { try reader.expectEnd() } catch {
      target.deinitialize(count: count)
      throw error
    }
  }

  /// The approximate number of bytes that `count` elements point to, estimated from a few of them.
  package func pointedBytes(_ base: UnsafePointer<Element>, _ count: Int, samples: Int = 16) -> Int {
    guard let (footprint, measured) = footprint(base, count, samples: samples) else { return 0 }
    return footprint.bytes * count / measured
  }

  /// The memory that a sample of `count` elements points to, and the size of the sample; `nil` if there is nothing to
  /// measure.
  func footprint(
    _ base: UnsafePointer<Element>, _ count: Int, samples: Int
  ) -> (footprint: Footprint, measured: Int)? {
    guard let measure, count > 0 else { return nil }
    var footprint = Footprint()
    var measured = 0
    for i in Swift.stride(from: 0, to: count, by: max(1, count / samples)) {
      measure(base + i, &footprint)
      measured += 1
    }
    return (footprint, measured)
  }
}

/// The memory that elements point to.
package struct Footprint {
  /// The number of bytes that the elements need.
  package var bytes = 0
  /// The number of bytes in text blocks that the elements keep alive, whether they need them or not.
  package var pinned = 0
  /// The number of such blocks.
  package var blocks: Int { seen.count }
  private var last: ObjectIdentifier?
  private var seen: Set<ObjectIdentifier> = []

  package init() {}

  /// Adds a text of `count` bytes within `buffer`.
  mutating func add(textBytes count: Int, in buffer: TextBuffer) {
    bytes += count
    let block = ObjectIdentifier(buffer)
    if block != last {
      last = block
      if seen.insert(block).inserted { pinned += buffer.capacity }
    }
  }
}
